#ifndef CALLBRAID_COLLECTOR_TIMELINE_CALL_HOLDS_H_
#define CALLBRAID_COLLECTOR_TIMELINE_CALL_HOLDS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/hearing/call_ear.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// When anybody on any leg of the call had somebody on hold; by time, not
// touching each other. One of which nothing tells the end lasts as long as the
// call is known. Reads no frames. Errors: those of the store.
absl::StatusOr<std::vector<CallStretch>> HoldsOfCall(
    Store& store, const store::v1::CallRecord& record);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_CALL_HOLDS_H_
