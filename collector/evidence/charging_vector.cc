#include "absl/strings/str_cat.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/link_group.h"

namespace callbraid::collector {

std::optional<Evidence> ChargingVector(const Node& a, const Node& b,
                                       const LinkGroups& groups,
                                       const EvidencePolicy& policy,
                                       const ClockRelation& clock) {
  // Some gateways have one icid for a whole trunk.
  const auto shared =
      FindShared({.kind = store::v1::LINK_KIND_CHARGING_ID, .unique = false}, a,
                 b, groups, policy, clock);
  if (!shared) return std::nullopt;
  return Evidence{v1::EVIDENCE_KIND_CHARGING_VECTOR,
                  ScoreOf(shared->trust, policy.charging_vector, policy),
                  absl::StrCat("icid-value ", shared->value)};
}

}  // namespace callbraid::collector
