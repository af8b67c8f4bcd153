#include "collector/clocks/clock_sample.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "collector/evidence/lag.h"

namespace callbraid::collector {
namespace {

// A proxy that takes longer tells nothing of clocks.
constexpr int64_t kLongestHopNs = 2 * EvidencePolicy::kSecond;

bool IsOneDialog(const Node& a, const Node& b) {
  return a.is_dialog && b.is_dialog && a.makes_call && b.makes_call &&
         a.dialog().call_id() == b.dialog().call_id();
}

// What of `b` begins where `a` is over is another use of the Call-ID.
bool Follows(const Node& a, const Node& b, const EvidencePolicy& policy) {
  return SameSensor(a, b) && (a.last_ns + policy.hop_delay_ns < b.first_ns ||
                              b.last_ns + policy.hop_delay_ns < a.first_ns);
}

// Whether one of `others` is a further use of the Call-ID at either sensor.
bool UsedAgain(const Node& a, const Node& b, const Others& others,
               const EvidencePolicy& policy) {
  return std::any_of(
      others.nodes.begin(), others.nodes.end(), [&](const Node* node) {
        return IsOneDialog(*node, a) &&
               (Follows(*node, a, policy) || Follows(*node, b, policy));
      });
}

std::optional<ClockSample> OfDialogs(const Node& a, const Node& b,
                                     const Others& others,
                                     const EvidencePolicy& policy) {
  if (!IsOneDialog(a, b) || !others.complete ||
      UsedAgain(a, b, others, policy)) {
    return std::nullopt;
  }
  std::vector<int64_t> lags = MarkLags(a, b);
  if (!lags.empty()) {
    const int64_t lag = Median(std::move(lags));
    return ClockSample{lag, lag, true};
  }
  const auto& x = a.dialog();
  const auto& y = b.dialog();
  if (x.invite_time_ns() == 0 || y.invite_time_ns() == 0 ||
      x.answer_time_ns() == 0 || y.answer_time_ns() == 0) {
    return std::nullopt;
  }
  const int64_t invite = y.invite_time_ns() - x.invite_time_ns();
  const int64_t answer = y.answer_time_ns() - x.answer_time_ns();
  if (std::abs(invite - answer) > kLongestHopNs) return std::nullopt;
  return ClockSample{std::min(invite, answer), std::max(invite, answer), false};
}

// Whether the packets of `node` came again later, or before, at its sensor:
// test tools begin each call with the same SSRC and numbers. That other streams
// carry the same payloads says nothing, for their headers differ.
bool SentAgain(const Node& node, const Others& others,
               const EvidencePolicy& policy) {
  return std::any_of(
      others.nodes.begin(), others.nodes.end(), [&](const Node* other) {
        if (other == &node || !other->is_rtp() || !SameSensor(*other, node) ||
            other->ssrc != node.ssrc || other->flow != node.flow) {
          return false;
        }
        const AnchorMatch match = MatchAnchors(node, *other);
        return match.same_header >= policy.same_rtp_packets &&
               std::abs(match.lag_ns) > policy.hop_delay_ns;
      });
}

std::optional<ClockSample> OfStreams(const Node& a, const Node& b,
                                     const Others& others,
                                     const EvidencePolicy& policy) {
  if (!a.is_rtp() || !b.is_rtp() || a.ssrc != b.ssrc || a.flow != b.flow) {
    return std::nullopt;
  }
  const AnchorMatch match = MatchAnchors(a, b);
  if (match.same_header < policy.same_rtp_packets || !others.complete ||
      SentAgain(a, others, policy) || SentAgain(b, others, policy)) {
    return std::nullopt;
  }
  return ClockSample{match.lag_ns, match.lag_ns, true};
}

}  // namespace

std::optional<ClockSample> SampleClocks(const Node& a, const Node& b,
                                        const Others& others,
                                        const EvidencePolicy& policy) {
  if (SameSensor(a, b)) return std::nullopt;
  return a.is_dialog ? OfDialogs(a, b, others, policy)
                     : OfStreams(a, b, others, policy);
}

}  // namespace callbraid::collector
