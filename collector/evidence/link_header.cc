#include "absl/strings/str_cat.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/leg_relation.h"
#include "collector/evidence/link_group.h"
#include "collector/store/tokens.h"

namespace callbraid::collector {
namespace {

using store::v1::LINK_KIND_HEADER;

// A header of `a` holds the Call-ID of `b`. To be believed, whoever else names
// it must be able to be a leg of that call, too.
std::optional<Evidence> Names(const Node& a, const Node& b,
                              const LinkGroups& groups,
                              const EvidencePolicy& policy,
                              const ClockRelation& clock) {
  const std::string& call_id = b.dialog().call_id();
  if (SameCallId(a, b) || !Carries(a, LINK_KIND_HEADER, call_id)) {
    return std::nullopt;
  }
  const LinkTrust trust = groups.Between(NameToken(call_id), a, b);
  if (!MayBeOneCall(a, b, trust, /*unique=*/true, policy, clock)) {
    return std::nullopt;
  }
  return Evidence{v1::EVIDENCE_KIND_LINK_HEADER,
                  ScoreOf(trust, policy.header_names_call_id, policy),
                  absl::StrCat("a header names the Call-ID ", call_id)};
}

}  // namespace

std::optional<Evidence> LinkHeader(const Node& a, const Node& b,
                                   const LinkGroups& groups,
                                   const EvidencePolicy& policy,
                                   const ClockRelation& clock) {
  if (b.id < a.id) return LinkHeader(b, a, groups, policy, clock.Reversed());
  if (auto named = Names(a, b, groups, policy, clock)) return named;
  if (auto named = Names(b, a, groups, policy, clock.Reversed())) return named;
  const auto shared =
      FindShared({.kind = LINK_KIND_HEADER}, a, b, groups, policy, clock);
  if (!shared) return std::nullopt;
  return Evidence{v1::EVIDENCE_KIND_LINK_HEADER,
                  ScoreOf(shared->trust, policy.link_header, policy),
                  absl::StrCat("a header has ", shared->value, " in both")};
}

}  // namespace callbraid::collector
