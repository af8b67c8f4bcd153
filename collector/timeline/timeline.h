#ifndef CALLBRAID_COLLECTOR_TIMELINE_TIMELINE_H_
#define CALLBRAID_COLLECTOR_TIMELINE_TIMELINE_H_

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/timeline.pb.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// What happened in the call of `record`, from its frames in the store: digits,
// tones and codecs from its streams, digits, holds and faxes from its
// signalling. Of a stream that cannot be decrypted only its codecs are known.
//
// Reads everything once; memory does not depend on the length of the call but
// for the events. Errors: NOT_FOUND (no such stream), those of Store.
absl::StatusOr<v1::GetTimelineResponse> ReadTimeline(
    Store& store, const store::v1::CallRecord& record,
    const v1::GetTimelineRequest& request);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_TIMELINE_H_
