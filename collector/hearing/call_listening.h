#ifndef CALLBRAID_COLLECTOR_HEARING_CALL_LISTENING_H_
#define CALLBRAID_COLLECTOR_HEARING_CALL_LISTENING_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "callbraid/v1/listening.pb.h"
#include "collector/hearing/call_ear.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// What is heard in the call of `record`, and what is not. `holds` by time, not
// touching each other. Nullopt, cost and errors as of HearCall().
absl::StatusOr<std::optional<v1::CallListening>> ListenToCall(
    Store& store, const store::v1::CallRecord& record,
    const std::vector<CallStretch>& holds);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_HEARING_CALL_LISTENING_H_
