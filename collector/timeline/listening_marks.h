#ifndef CALLBRAID_COLLECTOR_TIMELINE_LISTENING_MARKS_H_
#define CALLBRAID_COLLECTOR_TIMELINE_LISTENING_MARKS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/store/store.h"
#include "collector/timeline/marks.h"

namespace callbraid::collector {

// Dead air, and from when on a side is not heard, by time. Cost and errors as
// of ListenToCall().
absl::StatusOr<std::vector<TimelineMark>> MarksOfListening(
    Store& store, const store::v1::CallRecord& record);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_LISTENING_MARKS_H_
