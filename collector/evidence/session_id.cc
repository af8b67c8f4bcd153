#include "absl/strings/str_cat.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/link_group.h"

namespace callbraid::collector {

std::optional<Evidence> SessionId(const Node& a, const Node& b,
                                  const LinkGroups& groups,
                                  const EvidencePolicy& policy,
                                  const ClockRelation& clock) {
  const auto shared =
      FindShared({.kind = store::v1::LINK_KIND_SESSION_ID, .unique = true}, a,
                 b, groups, policy, clock);
  if (!shared) return std::nullopt;
  const bool both = shared->count > 1;
  return Evidence{
      v1::EVIDENCE_KIND_SESSION_ID,
      ScoreOf(shared->trust, both ? policy.session_id_both : policy.session_id,
              policy),
      absl::StrCat(both ? "both halves of Session-ID, " : "Session-ID ",
                   shared->value)};
}

}  // namespace callbraid::collector
