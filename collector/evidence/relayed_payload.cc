#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/exclusive.h"
#include "collector/evidence/lag.h"

namespace callbraid::collector {
namespace {

// A relay cannot send before it received, but capture times may be swapped.
constexpr int64_t kSwapNs = 20 * EvidencePolicy::kMs;

enum class Link { kNone, kForward, kBackward };

// Whether one stream goes out where the other came in.
Link LinkOf(const Node& a, const Node& b) {
  if (a.flow.destination.address == b.flow.source.address) {
    return Link::kForward;
  }
  if (b.flow.destination.address == a.flow.source.address) {
    return Link::kBackward;
  }
  return Link::kNone;
}

}  // namespace

std::optional<Evidence> RelayedPayload(const Node& a, const Node& b,
                                       const Others& others,
                                       const EvidencePolicy& policy,
                                       const ClockRelation& clock) {
  if (b.id < a.id) {
    return RelayedPayload(b, a, others, policy, clock.Reversed());
  }
  if (&a == &b || a.is_dialog || b.is_dialog ||
      a.flow.source.address == b.flow.source.address ||
      a.flow.destination.address == b.flow.destination.address) {
    return std::nullopt;
  }
  const AnchorMatch match = MatchAnchors(a, b);
  if (match.hashes.size() < policy.relayed_numbered_payloads) {
    return std::nullopt;
  }
  const Link link = LinkOf(a, b);
  size_t needed = policy.relayed_payloads;
  if (link == Link::kNone) {
    needed = policy.relayed_unlinked_payloads;
  } else if (match.same_step == match.hashes.size()) {
    needed = policy.relayed_numbered_payloads;
  }
  if (match.spread_ns > (link == Link::kNone ? policy.relay_unlinked_spread_ns
                                             : policy.relay_spread_ns)) {
    return std::nullopt;
  }
  // Not across any clock error: a voice mail that is played back to another
  // phone an hour later has the same payloads by way of the same host.
  const int64_t lag = match.lag_ns - clock.offset_ns;
  int64_t limit = policy.hop_delay_ns;
  if (SameSensor(a, b)) {
    if (link == Link::kForward && lag < -kSwapNs) return std::nullopt;
    if (link == Link::kBackward && lag > kSwapNs) return std::nullopt;
  } else {
    limit += clock.Tolerance(policy);
  }
  if (std::abs(lag) > limit) return std::nullopt;
  // By one clock the delay tells which occurrence is meant; by two, there must
  // be no other.
  const PairClaim claim{.timed = SameSensor(a, b), .relay = true};
  if (ExclusivePayloads(a, b, match, claim, others, policy) < needed) {
    return std::nullopt;
  }
  return Evidence{
      v1::EVIDENCE_KIND_RELAYED_PAYLOAD,
      link == Link::kNone ? policy.relayed_unlinked : policy.relayed_linked,
      absl::StrCat(match.hashes.size(), " payloads",
                   a.ssrc == b.ssrc ? ", SSRC" : "",
                   link == Link::kNone ? "" : ", relay's address")};
}

}  // namespace callbraid::collector
