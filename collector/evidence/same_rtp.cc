#include <algorithm>
#include <cstdlib>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/exclusive.h"
#include "collector/evidence/lag.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kDefaultStepNs = 20 * EvidencePolicy::kMs;
// Enough packets in common by number and time where no payload tells.
constexpr int64_t kRangePackets = 25;

int64_t LagLimit(const Node& a, const Node& b, const EvidencePolicy& policy,
                 const ClockRelation& clock) {
  return SameSensor(a, b) ? policy.hop_delay_ns
                          : clock.Tolerance(policy) + policy.hop_delay_ns;
}

int64_t Packets(const Node& node) {
  const uint64_t first = node.rtp().first_sequence();
  const uint64_t highest = node.tally().highest_sequence();
  return highest < first ? 1 : static_cast<int64_t>(highest - first) + 1;
}

// Mean time between packets.
int64_t StepNs(const Node& node) {
  const int64_t packets = Packets(node);
  if (packets < 2) return kDefaultStepNs;
  return std::max<int64_t>(1, (node.last_ns - node.first_ns) / (packets - 1));
}

// Many destinations of one socket are no address translation.
bool FansOut(const Node& a, const Node& b, const Others& others,
             const EvidencePolicy& policy) {
  absl::flat_hash_set<Endpoint> ends;
  const bool same_source = a.flow.source == b.flow.source;
  const auto add = [&](const Node& node) {
    if (node.ssrc != a.ssrc) return;
    const Endpoint& kept =
        same_source ? node.flow.source : node.flow.destination;
    if (kept != (same_source ? a.flow.source : a.flow.destination)) return;
    ends.insert(same_source ? node.flow.destination : node.flow.source);
  };
  add(a);
  add(b);
  for (const Node* node : others.nodes) {
    if (node->is_rtp() && !MatchAnchors(a, *node).hashes.empty()) add(*node);
  }
  return ends.size() >= policy.fan_out;
}

std::optional<Evidence> ByPackets(const Node& a, const Node& b,
                                  const AnchorMatch& match,
                                  const Others& others,
                                  const EvidencePolicy& policy,
                                  const ClockRelation& clock) {
  const bool translated = a.flow != b.flow;
  int64_t limit = LagLimit(a, b, policy, clock);
  if (translated && SameSensor(a, b)) limit = policy.nat_delay_ns;
  const int64_t lag = match.lag_ns - clock.offset_ns;
  const PairClaim claim{.timed = std::abs(lag) <= limit};
  if (!claim.timed && SameSensor(a, b)) return std::nullopt;
  if (match.spread_ns > policy.clock_tolerance_ns) return std::nullopt;
  if (ExclusivePayloads(a, b, match, claim, others, policy) <
      policy.same_rtp_packets) {
    return std::nullopt;
  }
  if (claim.timed &&
      (HasNearerOccurrence(a, b, lag, others, policy, clock) ||
       HasNearerOccurrence(b, a, -lag, others, policy, clock.Reversed()))) {
    return std::nullopt;
  }
  if (translated && FansOut(a, b, others, policy)) return std::nullopt;
  return Evidence{v1::EVIDENCE_KIND_SAME_RTP, policy.same_rtp,
                  absl::StrCat("SSRC, sequence, timestamp and payload of ",
                               match.same_header, " packets",
                               translated ? ", one address translated" : ""),
                  translated};
}

// Silence has no payload that tells: numbers and times must do.
std::optional<Evidence> ByRange(const Node& a, const Node& b,
                                const EvidencePolicy& policy,
                                const ClockRelation& clock) {
  if (a.site() != b.site() || !RangesMeet(a, b, policy, clock)) {
    return std::nullopt;
  }
  return Evidence{v1::EVIDENCE_KIND_SAME_RTP, policy.same_rtp_by_time,
                  "SSRC, addresses, range of sequence numbers, time", true};
}

// The stream goes on after a silence, an outage, or after its sensor was away.
std::optional<Evidence> Continued(const Node& a, const Node& b,
                                  const EvidencePolicy& policy) {
  const bool in_order = Before(a, b);
  const Node& earlier = in_order ? a : b;
  const Node& later = in_order ? b : a;
  const int64_t gap_ns = later.first_ns - earlier.last_ns;
  if (gap_ns < 0 || gap_ns > policy.continuation_gap_ns) return std::nullopt;
  const auto gap = static_cast<uint16_t>(later.rtp().first_sequence() -
                                         earlier.tally().highest_sequence());
  const bool silent = gap >= 1 && gap <= policy.continuation_packets;
  const int64_t step = StepNs(earlier);
  const bool can_tell = gap_ns / step < 0x8000;
  const bool unseen =
      can_tell && std::abs(gap * step - gap_ns) <= policy.continuation_error_ns;
  // With pauses the numbers say less than the timestamps.
  const bool kept_clock = can_tell && gap >= 1 && gap < 0x8000 &&
                          KeepsClock(earlier, later, policy);
  if (!silent && !unseen && !kept_clock) return std::nullopt;
  return Evidence{v1::EVIDENCE_KIND_SAME_RTP, policy.same_rtp_continued,
                  absl::StrCat("SSRC, addresses; the sequence goes on after ",
                               gap_ns / EvidencePolicy::kSecond, " s"),
                  true};
}

// The clock was set back: what follows by its numbers came before by its times.
// A capture point that sees one run end begins another; so this is no second
// stream.
std::optional<Evidence> SetBack(const Node& before, const Node& after,
                                const EvidencePolicy& policy) {
  const int64_t back_ns = before.last_ns - after.first_ns;
  const auto gap = static_cast<uint16_t>(after.rtp().first_sequence() -
                                         before.tally().highest_sequence());
  if (back_ns <= 0 || back_ns > policy.continuation_gap_ns || gap < 1 ||
      gap > policy.continuation_packets) {
    return std::nullopt;
  }
  return Evidence{
      v1::EVIDENCE_KIND_SAME_RTP, policy.same_rtp_continued,
      absl::StrCat("SSRC, addresses; the sequence goes on, the clock "
                   "was set back by ",
                   back_ns / EvidencePolicy::kSecond, " s"),
      true};
}

std::optional<Evidence> GoesOn(const Node& a, const Node& b,
                               const EvidencePolicy& policy) {
  if (auto evidence = Continued(a, b, policy)) return evidence;
  if (auto evidence = SetBack(a, b, policy)) return evidence;
  return SetBack(b, a, policy);
}

}  // namespace

bool RangesMeet(const Node& a, const Node& b, const EvidencePolicy& policy,
                const ClockRelation& clock) {
  const auto distance = static_cast<int16_t>(static_cast<uint16_t>(
      b.rtp().first_sequence() - a.rtp().first_sequence()));
  const auto timestamps = static_cast<int32_t>(b.rtp().first_timestamp() -
                                               a.rtp().first_timestamp());
  if (!a.is_udptl) {
    if ((distance == 0) != (timestamps == 0)) return false;
    if (distance != 0 && (distance > 0) != (timestamps > 0)) return false;
  }
  const Node& longer = Packets(a) >= Packets(b) ? a : b;
  const int64_t expected = distance * StepNs(longer);
  if (std::abs(b.first_ns - a.first_ns - clock.offset_ns - expected) >
      LagLimit(a, b, policy, clock)) {
    return false;
  }
  const int64_t begin = std::max<int64_t>(0, distance);
  const int64_t end = std::min(Packets(a), distance + Packets(b));
  const int64_t shorter = std::min(Packets(a), Packets(b));
  return end - begin >= std::min(kRangePackets, (shorter + 1) / 2);
}

bool KeepsClock(const Node& earlier, const Node& later,
                const EvidencePolicy& policy) {
  const auto& last = earlier.tally().state();
  int64_t rate = 0;
  for (const auto& use : earlier.tally().payload_types()) {
    if (use.payload_type() == last.payload_type()) rate = use.clock_rate();
  }
  if (rate == 0) return false;
  const auto ticks =
      static_cast<int32_t>(later.rtp().first_timestamp() - last.timestamp());
  const int64_t expected_ns = ticks * EvidencePolicy::kSecond / rate;
  return std::abs(later.first_ns - last.time_ns() - expected_ns) <=
         policy.continuation_error_ns;
}

std::optional<Evidence> SameRtp(const Node& a, const Node& b,
                                const Others& others,
                                const EvidencePolicy& policy,
                                const ClockRelation& clock) {
  if (b.id < a.id) return SameRtp(b, a, others, policy, clock.Reversed());
  if (&a == &b || a.is_dialog || b.is_dialog || a.ssrc != b.ssrc ||
      a.is_udptl != b.is_udptl ||
      (a.flow.source != b.flow.source &&
       a.flow.destination != b.flow.destination)) {
    return std::nullopt;
  }
  const bool same_flow = a.flow == b.flow;
  if (same_flow && SamePlace(a, b)) return GoesOn(a, b, policy);
  const AnchorMatch match = MatchAnchors(a, b);
  if (match.same_header >= policy.same_rtp_packets) {
    return ByPackets(a, b, match, others, policy, clock);
  }
  const bool few =
      std::min(a.anchors.size(), b.anchors.size()) < policy.same_rtp_packets;
  const bool contradicted = match.same_header < match.hashes.size();
  if (same_flow && few && !contradicted) return ByRange(a, b, policy, clock);
  return std::nullopt;
}

}  // namespace callbraid::collector
