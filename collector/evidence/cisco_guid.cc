#include "absl/strings/str_cat.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/link_group.h"

namespace callbraid::collector {

std::optional<Evidence> CiscoGuid(const Node& a, const Node& b,
                                  const LinkGroups& groups,
                                  const EvidencePolicy& policy,
                                  const ClockRelation& clock) {
  const auto shared =
      FindShared({.kind = store::v1::LINK_KIND_CISCO_GUID, .unique = true}, a,
                 b, groups, policy, clock);
  if (!shared) return std::nullopt;
  return Evidence{v1::EVIDENCE_KIND_CISCO_GUID,
                  ScoreOf(shared->trust, policy.cisco_guid, policy),
                  absl::StrCat("Cisco-Guid ", shared->value)};
}

}  // namespace callbraid::collector
