#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "collector/calls/call_streams.h"
#include "collector/calls/call_transfers.h"
#include "collector/evidence/sdp_endpoint.h"

namespace callbraid::collector {
namespace {

v1::Side Opposite(v1::Side side) {
  return side == v1::SIDE_CALLER ? v1::SIDE_CALLEE : v1::SIDE_CALLER;
}

// Which stream, or leg, a member is in.
class Places {
 public:
  Places(const std::vector<CallLeg>& legs,
         const std::vector<CallStream>& streams) {
    for (size_t i = 0; i < legs.size(); ++i) {
      for (const Node* node : legs[i].nodes) legs_[node] = i;
    }
    for (size_t i = 0; i < streams.size(); ++i) {
      for (const auto& sighting : streams[i].sightings) {
        streams_[sighting.node] = i;
      }
    }
  }
  size_t LegOf(const Node* node) const { return legs_.at(node); }
  size_t StreamOf(const Node* node) const { return streams_.at(node); }

 private:
  std::map<const Node*, size_t> legs_;
  std::map<const Node*, size_t> streams_;
};

// By SDP: the leg of each stream, and, of those that have one, whether the
// initiator speaks: who speaks to the responder is the initiator.
std::vector<bool> ByClaims(const Component& component, const Places& places,
                           const EvidencePolicy& policy,
                           std::vector<CallStream>& streams) {
  std::vector<double> scores(streams.size());
  std::vector<bool> initiator_speaks(streams.size());
  for (const Edge& edge : component.edges) {
    if (edge.evidence.kind != v1::EVIDENCE_KIND_SDP_DESTINATION &&
        edge.evidence.kind != v1::EVIDENCE_KIND_SDP_SOURCE) {
      continue;
    }
    const Node* dialog = component.members[edge.first];
    const Node* rtp = component.members[edge.second];
    if (dialog->is_rtp()) std::swap(dialog, rtp);
    const ClockRelation& clock = edge.evidence.clock;
    const auto claim =
        ClaimOn(*dialog, *rtp, policy,
                rtp->sensor() < dialog->sensor() ? clock : clock.Reversed());
    if (!claim) continue;
    const size_t at = places.StreamOf(rtp);
    const size_t leg = places.LegOf(dialog);
    CallStream& stream = streams[at];
    const double score = edge.evidence.score;
    if (score < scores[at] || (score == scores[at] && leg >= *stream.leg)) {
      continue;
    }
    scores[at] = score;
    stream.leg = leg;
    initiator_speaks[at] = !claim->to_initiator;
  }
  return initiator_speaks;
}

// What a stream without SDP has from another by evidence. True if anything
// changed.
bool Inherit(const Component& component, const Places& places,
             std::vector<CallStream>& streams) {
  bool changed = false;
  for (const Edge& edge : component.edges) {
    const bool reverse = edge.evidence.kind == v1::EVIDENCE_KIND_REVERSE_FLOW;
    if (!reverse && edge.evidence.kind != v1::EVIDENCE_KIND_RELAYED_PAYLOAD) {
      continue;
    }
    CallStream* from = &streams[places.StreamOf(component.members[edge.first])];
    CallStream* to = &streams[places.StreamOf(component.members[edge.second])];
    if (from == to) continue;
    if (from->side == v1::SIDE_UNSPECIFIED) std::swap(from, to);
    if (from->side == v1::SIDE_UNSPECIFIED) continue;
    if (to->side == v1::SIDE_UNSPECIFIED) {
      to->side = reverse ? Opposite(from->side) : from->side;
      changed = true;
    }
    for (int i = 0; reverse && i < 2; ++i) {
      if (from->leg && !to->leg) {
        to->leg = from->leg;
        changed = true;
      }
      std::swap(from, to);
    }
  }
  return changed;
}

}  // namespace

void AssignSides(const Component& component, const std::vector<CallLeg>& legs,
                 const EvidencePolicy& policy,
                 std::vector<CallStream>& streams) {
  const Places places(legs, streams);
  const std::vector<bool> initiator_speaks =
      ByClaims(component, places, policy, streams);
  const std::vector<bool> turned = TurnedLegs(component, legs, streams);
  for (size_t i = 0; i < streams.size(); ++i) {
    if (!streams[i].leg) continue;
    streams[i].side = initiator_speaks[i] != turned[*streams[i].leg]
                          ? v1::SIDE_CALLER
                          : v1::SIDE_CALLEE;
  }
  for (;;) {
    while (Inherit(component, places, streams)) {
    }
    // Nothing tells: who was heard first called.
    const auto next = std::find_if(streams.begin(), streams.end(),
                                   [](const CallStream& stream) {
                                     return stream.side == v1::SIDE_UNSPECIFIED;
                                   });
    if (next == streams.end()) break;
    next->side = v1::SIDE_CALLER;
  }
}

}  // namespace callbraid::collector
