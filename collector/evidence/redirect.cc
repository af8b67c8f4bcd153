#include <string>

#include "absl/strings/str_cat.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/leg_relation.h"
#include "collector/evidence/party_match.h"

namespace callbraid::collector {
namespace {

using store::v1::DialogLink;

// Which contact of a 3xx response to `a` the call `b` goes to.
const DialogLink* ContactFor(const Node& a, const Node& b,
                             const EvidencePolicy& policy,
                             const ClockTable& clocks) {
  const uint32_t status = a.dialog().final_status();
  if (status < 300 || status >= 400 || b.invite_ns == 0 ||
      !SameHost(a, a.initiator_host, b, b.initiator_host) ||
      MatchParties(a, b, policy).caller == Agreement::kDifferent) {
    return nullptr;
  }
  const ClockRelation clock = clocks.Between(a, b);
  const int64_t slack = ClockSlack(a, b, policy, clock);
  for (const DialogLink& link : a.dialog().links()) {
    const int64_t after_ns = b.invite_ns - (link.time_ns() + clock.offset_ns);
    if (link.kind() == store::v1::LINK_KIND_REDIRECT && after_ns >= -slack &&
        after_ns <= policy.redirect_ns + slack &&
        Calls(b, link.value(), a, policy)) {
      return &link;
    }
  }
  return nullptr;
}

bool IsSameTry(const Node& a, const Node& b) {
  return SameCallId(a, b) && a.dialog().from_tag() == b.dialog().from_tag();
}

// The caller goes on with the same Call-ID (RFC 3261, section 8.1.3.4), or is
// known by nothing else than its host and number: then nobody else may be
// meant.
bool IsTheOnly(const Node& a, const Node& b, const Others& others,
               const EvidencePolicy& policy, const ClockTable& clocks) {
  if (IsSameTry(a, b)) return true;
  if (!others.complete) return false;
  for (const Node* node : others.nodes) {
    if (!node->is_dialog || !node->makes_call || SameCallId(*node, a) ||
        SameCallId(*node, b)) {
      continue;
    }
    if (ContactFor(*node, b, policy, clocks) != nullptr) return false;
    const PartyMatch parties = MatchParties(b, *node, policy);
    if (ContactFor(a, *node, policy, clocks) != nullptr &&
        parties.callee == Agreement::kEqual && !parties.AreOneTry()) {
      return false;
    }
  }
  return true;
}

std::optional<Evidence> Redirects(const Node& a, const Node& b,
                                  const Others& others,
                                  const EvidencePolicy& policy,
                                  const ClockTable& clocks) {
  const DialogLink* link = ContactFor(a, b, policy, clocks);
  if (link == nullptr || a.id == b.id ||
      !IsTheOnly(a, b, others, policy, clocks)) {
    return std::nullopt;
  }
  return Evidence{v1::EVIDENCE_KIND_REDIRECT, policy.redirect,
                  absl::StrCat(a.dialog().final_status(), " to ", link->value(),
                               ", then INVITE to there")};
}

}  // namespace

std::optional<Evidence> Redirect(const Node& a, const Node& b,
                                 const Others& others,
                                 const EvidencePolicy& policy,
                                 const ClockTable& clocks) {
  if (b.id < a.id) return Redirect(b, a, others, policy, clocks);
  auto redirects = Redirects(a, b, others, policy, clocks);
  if (redirects) return redirects;
  return Redirects(b, a, others, policy, clocks);
}

}  // namespace callbraid::collector
