#ifndef CALLBRAID_COLLECTOR_QUALITY_CALL_QUALITY_H_
#define CALLBRAID_COLLECTOR_QUALITY_CALL_QUALITY_H_

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/quality.pb.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// What became of the packets of the call of `record`, and how that may have
// sounded, from its frames in the store. Of encrypted streams, too: what is
// measured is in clear.
//
// Reads everything once, and once more where there are several capture points;
// memory does not depend on the length of the call but for the slices. Errors:
// NOT_FOUND (no such stream), those of Store.
absl::StatusOr<v1::GetQualityResponse> ReadQuality(
    Store& store, const store::v1::CallRecord& record,
    const v1::GetQualityRequest& request);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUALITY_CALL_QUALITY_H_
