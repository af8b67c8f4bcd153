#ifndef CALLBRAID_COLLECTOR_TIMELINE_LEG_MARKS_H_
#define CALLBRAID_COLLECTOR_TIMELINE_LEG_MARKS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/call.pb.h"
#include "collector/store/store.h"
#include "collector/timeline/marks.h"

namespace callbraid::collector {

// What the signalling of one leg tells, wherever it was seen: keys in SIP
// requests, holds, and fax by T.38. By time. Errors: those of the store.
absl::StatusOr<std::vector<TimelineMark>> MarksOfLeg(
    Store& store, const store::v1::CallRecord& record, const v1::Leg& leg);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_LEG_MARKS_H_
