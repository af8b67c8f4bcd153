#ifndef CALLBRAID_COLLECTOR_DOCTOR_CALL_FACTS_H_
#define CALLBRAID_COLLECTOR_DOCTOR_CALL_FACTS_H_

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/doctor/facts.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// What the doctor wants to know of one call: its parties by their SDP, where
// its dialogs were seen, and, if `with_rtcp`, what RTCP says of its streams.
absl::StatusOr<CallFacts> ReadCall(Store& store,
                                   const store::v1::CallRecord& record,
                                   bool with_rtcp);

// Whether RTCP can tell more of it: a stream with gaps, or one way only.
bool WantsRtcp(const v1::Call& call);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_DOCTOR_CALL_FACTS_H_
