#include "collector/calls/call_streams.h"

#include <algorithm>
#include <deque>
#include <map>
#include <tuple>
#include <utility>

#include "collector/evidence/evidence.h"
#include "collector/evidence/lag.h"
#include "common/base/disjoint_sets.h"
#include "common/rtp/sequence.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kDefaultStepNs = 20 * EvidencePolicy::kMs;
// A run that begins so little behind the end of another goes on from there.
constexpr uint16_t kContinuedPackets = 50;

int64_t FirstSequence(const Node& node) {
  return static_cast<int64_t>(node.rtp().first_sequence());
}

// What to add to the sequence numbers of `b` to get to those of `a`, if it goes
// on where `a` stopped.
std::optional<int64_t> ShiftBehind(const Node& a, const Node& b) {
  const auto highest = static_cast<int64_t>(a.tally().highest_sequence());
  const auto gap = static_cast<uint16_t>(FirstSequence(b) - highest);
  if (gap < 1 || gap > kContinuedPackets) return std::nullopt;
  return highest + gap - FirstSequence(b);
}

// What to add to the sequence numbers of `b` to get to those of `a`, of which
// it is known that they are the same stream.
int64_t ShiftBetween(const Node& a, const Node& b, const SensorClocks& clocks) {
  const AnchorMatch match = MatchAnchors(a, b);
  if (match.same_header > 0) return -match.sequence_shift;
  if (SamePlace(a, b)) {
    // Whatever the times are: the clock may have been set.
    if (const auto shift = ShiftBehind(a, b)) return *shift;
    if (const auto shift = ShiftBehind(b, a)) return -*shift;
  }
  const int64_t packets =
      static_cast<int64_t>(a.tally().highest_sequence()) - FirstSequence(a);
  const int64_t step =
      packets > 0 ? std::max<int64_t>(1, (a.last_ns - a.first_ns) / packets)
                  : kDefaultStepNs;
  const int64_t later = clocks.Align(b.sensor(), b.first_ns) -
                        clocks.Align(a.sensor(), a.first_ns);
  int64_t expected = FirstSequence(a) + later / step;
  // After a silence the numbers go on where they stopped.
  if (SamePlace(a, b) && b.first_ns > a.last_ns) {
    expected = std::min(
        expected, static_cast<int64_t>(a.tally().highest_sequence()) + 0x4000);
  }
  return Unwrap(static_cast<uint16_t>(b.rtp().first_sequence()), expected) -
         FirstSequence(b);
}

// Whether two places saw the same packets of one SSRC between two endpoints,
// by their numbers and by the clocks as the rest of the call shows them: what
// is silence or a tone has no payload that could be evidence of it.
bool SharesNumbers(const Node& a, const Node& b, const SensorClocks& clocks,
                   const EvidencePolicy& policy) {
  // As far off as clocks of which nothing is known.
  const ClockRelation clock = {
      .offset_ns = (clocks.Align(a.sensor(), a.first_ns) - a.first_ns) -
                   (clocks.Align(b.sensor(), b.first_ns) - b.first_ns)};
  return a.flow == b.flow && a.ssrc == b.ssrc && a.is_udptl == b.is_udptl &&
         a.site() == b.site() && !SamePlace(a, b) &&
         RangesMeet(a, b, policy, clock);
}

// Lost, and not missing in `packets`, which is what the tally lists.
int64_t Unlisted(const store::v1::RtpTally& tally, const SequenceSet& packets) {
  if (!tally.runs_incomplete()) return 0;
  return std::clamp<int64_t>(
      int64_t{tally.statistics().lost()} - packets.missing(), 0,
      packets.size());
}

// Puts all sightings of the same packets into one numbering.
class Numbering {
 public:
  Numbering(const Component& component, const SensorClocks& clocks,
            const EvidencePolicy& policy)
      : component_(component), clocks_(clocks), policy_(policy) {
    for (const Edge& edge : component.edges) {
      if (edge.evidence.kind != v1::EVIDENCE_KIND_SAME_RTP) continue;
      Link(edge.first, edge.second);
    }
  }

  // `sightings`: of one stream.
  void Fill(std::vector<StreamSighting>& sightings) {
    for (size_t i = 0; i < sightings.size(); ++i) {
      for (size_t j = i + 1; j < sightings.size(); ++j) {
        if (SharesNumbers(*sightings[i].node, *sightings[j].node, clocks_,
                          policy_)) {
          Link(sightings[i].member, sightings[j].member);
        }
      }
    }
    std::map<size_t, std::pair<size_t, int64_t>> placed;  // segment, shift
    for (const StreamSighting& sighting : sightings) {
      if (placed.count(sighting.member) != 0) continue;
      Spread(sighting.member, placed);
    }
    for (StreamSighting& sighting : sightings) {
      const auto [segment, shift] = placed.at(sighting.member);
      sighting.segment = segment;
      sighting.shift = shift;
      sighting.packets = SequenceSet(sighting.node->tally(), shift);
      sighting.unlisted = Unlisted(sighting.node->tally(), sighting.packets);
    }
  }

 private:
  void Link(size_t a, size_t b) {
    links_[a].push_back(b);
    links_[b].push_back(a);
  }

  void Spread(size_t root, std::map<size_t, std::pair<size_t, int64_t>>& out) {
    out[root] = {root, 0};
    std::deque<size_t> reached = {root};
    while (!reached.empty()) {
      const size_t at = reached.front();
      reached.pop_front();
      const int64_t shift = out[at].second;
      for (const size_t next : links_[at]) {
        if (out.count(next) != 0) continue;
        out[next] = {root,
                     shift + ShiftBetween(*component_.members[at],
                                          *component_.members[next], clocks_)};
        reached.push_back(next);
      }
    }
  }

  const Component& component_;
  const SensorClocks& clocks_;
  const EvidencePolicy& policy_;
  std::map<size_t, std::vector<size_t>> links_;
};

// Whether one place saw `other` go on with the numbers of `sighting` towards
// another address.
bool Diverts(const StreamSighting& sighting, const StreamSighting& other,
             const EvidencePolicy& policy) {
  const Node& a = *sighting.node;
  const Node& b = *other.node;
  return a.ssrc == b.ssrc && a.flow.source == b.flow.source &&
         a.flow.destination != b.flow.destination && SamePlace(a, b) &&
         KeepsClock(a, b, policy);
}

void FindDiverted(const SensorClocks& clocks, const EvidencePolicy& policy,
                  std::vector<CallStream>& streams) {
  for (CallStream& stream : streams) {
    for (const CallStream& other : streams) {
      if (&other == &stream || other.first().ssrc != stream.first().ssrc) {
        continue;
      }
      for (const StreamSighting& here : stream.sightings) {
        for (const StreamSighting& there : other.sightings) {
          if (!Diverts(here, there, policy)) continue;
          stream.diverted[here.segment].Add(SequenceSet(
              there.node->tally(),
              here.shift + ShiftBetween(*here.node, *there.node, clocks)));
        }
      }
    }
  }
}

}  // namespace

int64_t UnlistedOf(const CallStream& stream, size_t segment) {
  const StreamSighting* alone = nullptr;
  for (const StreamSighting& sighting : stream.sightings) {
    if (sighting.segment != segment) continue;
    if (alone != nullptr) return 0;
    alone = &sighting;
  }
  return alone == nullptr ? 0 : alone->unlisted;
}

std::vector<CallStream> FindStreams(const Component& component,
                                    const SensorClocks& clocks,
                                    const EvidencePolicy& policy) {
  const auto& members = component.members;
  DisjointSets sets(members.size());
  std::map<std::tuple<Endpoint, Endpoint, uint32_t, bool>, size_t> by_key;
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i]->is_dialog) continue;
    const auto [it, added] = by_key.try_emplace(
        {members[i]->flow.source, members[i]->flow.destination,
         members[i]->ssrc, members[i]->is_udptl},
        i);
    if (!added) sets.Join(it->second, i);
  }
  for (const Edge& edge : component.edges) {
    if (edge.evidence.kind == v1::EVIDENCE_KIND_SAME_RTP) {
      sets.Join(edge.first, edge.second);
    }
  }
  std::map<size_t, CallStream> grouped;
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i]->is_dialog) continue;
    StreamSighting sighting;
    sighting.node = members[i];
    sighting.member = i;
    grouped[sets.Find(i)].sightings.push_back(std::move(sighting));
  }
  Numbering numbering(component, clocks, policy);
  std::vector<CallStream> streams;
  for (auto& [set, stream] : grouped) {
    numbering.Fill(stream.sightings);
    stream.start_ns = kNever;
    for (const StreamSighting& sighting : stream.sightings) {
      const Node& node = *sighting.node;
      stream.start_ns =
          std::min(stream.start_ns, clocks.Align(node.sensor(), node.first_ns));
      stream.end_ns =
          std::max(stream.end_ns, clocks.Align(node.sensor(), node.last_ns));
    }
    streams.push_back(std::move(stream));
  }
  std::sort(streams.begin(), streams.end(),
            [](const CallStream& a, const CallStream& b) {
              if (a.start_ns != b.start_ns) return a.start_ns < b.start_ns;
              return a.first().id < b.first().id;
            });
  FindDiverted(clocks, policy, streams);
  return streams;
}

}  // namespace callbraid::collector
