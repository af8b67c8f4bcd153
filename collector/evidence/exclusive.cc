#include "collector/evidence/exclusive.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace callbraid::collector {
namespace {

// The same packets but for one address: as the stream, or behind a translator.
bool IsSameStream(const Node& x, const Node& y) {
  return x.ssrc == y.ssrc && (x.flow.source == y.flow.source ||
                              x.flow.destination == y.flow.destination);
}

bool SharesAddress(const Node& x, const Node& y) {
  return x.flow.source.address == y.flow.source.address ||
         x.flow.destination.address == y.flow.destination.address;
}

bool Carries(const Node& node, uint64_t hash) {
  const auto found = std::lower_bound(
      node.anchors.begin(), node.anchors.end(), hash,
      [](const Anchor& anchor, uint64_t value) { return anchor.hash < value; });
  return found != node.anchors.end() && found->hash == hash;
}

enum class Role {
  kHarmless,
  // The content occurs again elsewhere or at another time.
  kRival,
};

Role RoleOf(const Node& other, const Node& a, const Node& b,
            const PairClaim& claim, const EvidencePolicy& policy) {
  bool near = true;
  for (const Node* of : {&a, &b}) {
    if (!SameSensor(*of, other)) continue;
    const AnchorMatch match = MatchAnchors(*of, other);
    near = near && !match.hashes.empty() &&
           std::abs(match.lag_ns) <= policy.hop_delay_ns;
  }
  if (!near) return claim.timed ? Role::kHarmless : Role::kRival;
  if (!claim.relay || IsSameStream(other, a) || IsSameStream(other, b)) {
    return Role::kHarmless;
  }
  return SharesAddress(other, a) || SharesAddress(other, b) ? Role::kRival
                                                            : Role::kHarmless;
}

}  // namespace

size_t ExclusivePayloads(const Node& a, const Node& b, const AnchorMatch& match,
                         const PairClaim& claim, const Others& others,
                         const EvidencePolicy& policy) {
  if (!claim.timed && !others.complete) return 0;
  std::vector<uint64_t> left = match.hashes;
  for (const Node* other : others.nodes) {
    if (other == &a || other == &b || !other->is_rtp()) continue;
    const auto carried = [&](uint64_t hash) { return Carries(*other, hash); };
    if (std::none_of(left.begin(), left.end(), carried)) continue;
    if (RoleOf(*other, a, b, claim, policy) == Role::kHarmless) continue;
    left.erase(std::remove_if(left.begin(), left.end(), carried), left.end());
    if (left.empty()) break;
  }
  return left.size();
}

bool HasNearerOccurrence(const Node& a, const Node& b, int64_t lag_ns,
                         const Others& others, const EvidencePolicy& policy,
                         const ClockRelation& clock) {
  for (const Node* other : others.nodes) {
    if (other == &a || other == &b || !other->is_rtp() ||
        !SamePlace(*other, b) || other->ssrc != b.ssrc ||
        other->flow != b.flow) {
      continue;
    }
    const AnchorMatch match = MatchAnchors(a, *other);
    if (match.same_header < policy.same_rtp_packets) continue;
    const int64_t other_lag_ns = match.lag_ns - clock.offset_ns;
    if (std::abs(other_lag_ns) < std::abs(lag_ns) &&
        std::abs(other_lag_ns - lag_ns) > policy.hop_delay_ns) {
      return true;
    }
  }
  return false;
}

}  // namespace callbraid::collector
