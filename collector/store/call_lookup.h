#ifndef CALLBRAID_COLLECTOR_STORE_CALL_LOOKUP_H_
#define CALLBRAID_COLLECTOR_STORE_CALL_LOOKUP_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/store/observation_id.h"

// By which ids a call is found; the same for all implementations of FactStore.

namespace callbraid::collector {

inline constexpr size_t kMinIdPrefix = 8;

// What the `id` of FactStore::GetCall asks for: a whole id, or the first digits
// of one, in lower case.
struct CallIdQuery {
  std::optional<ObservationId> id;
  std::string prefix;
};
absl::StatusOr<CallIdQuery> ParseCallId(const std::string& id);

// Every id that finds `record` besides its own: members, legs and streams.
std::vector<ObservationId> IdsOf(const store::v1::CallRecord& record);

absl::Status NoSuchCall(const std::string& id);
absl::Status AmbiguousCallId(const std::string& id);
absl::Status NotOnHold();

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_CALL_LOOKUP_H_
