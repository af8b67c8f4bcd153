#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/calls/call_streams.h"
#include "collector/calls/call_transfers.h"
#include "collector/evidence/sdp_endpoint.h"

namespace callbraid::collector {
namespace {

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
void ByClaims(const Component& component, const Places& places,
              const EvidencePolicy& policy, std::vector<CallStream>& streams) {
  std::vector<double> scores(streams.size());
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
    stream.from_initiator = !claim->to_initiator;
  }
}

// A copy of a call for a recorder has the voices of that call: where the call
// itself was seen, too, it tells whose they are.
void FollowOriginals(const Component& component, const Places& places,
                     const std::vector<CallLeg>& legs,
                     std::vector<CallStream>& streams) {
  for (const Edge& edge : component.edges) {
    if (edge.evidence.kind != v1::EVIDENCE_KIND_RELAYED_PAYLOAD) continue;
    CallStream* copy = &streams[places.StreamOf(component.members[edge.first])];
    CallStream* voice =
        &streams[places.StreamOf(component.members[edge.second])];
    if (!copy->leg || !voice->leg) continue;
    if (legs[*voice->leg].is_copy()) std::swap(copy, voice);
    if (legs[*copy->leg].is_copy() && !legs[*voice->leg].is_copy()) {
      copy->side = voice->side;
    }
  }
}

// One side of a leg sends two lines of audio, and the other side nothing: these
// are the two parties of a call, sent to a recorder (RFC 7866). Gives the
// second line to the other side.
class LineParter {
 public:
  LineParter(const Component& component, const Places& places,
             const std::vector<CallLeg>& legs, std::vector<CallStream>& streams)
      : streams_(streams) {
    for (size_t i = 0; i < streams_.size(); ++i) {
      const CallStream& stream = streams_[i];
      if (!MayBeAudio(stream, legs)) continue;
      Voices& voices = voices_[*stream.leg];
      voices.both_send =
          voices.both_send || (voices.from_initiator &&
                               voices.from_initiator != stream.from_initiator);
      voices.from_initiator = stream.from_initiator;
      const auto line = AudioLineOf(stream, legs[*stream.leg]);
      if (line && *line < 2) voices.by_line[*line].push_back(i);
    }
    // What comes back to where it was sent from has no SDP, perhaps.
    for (const Edge& edge : component.edges) {
      if (edge.evidence.kind != v1::EVIDENCE_KIND_REVERSE_FLOW) continue;
      for (const size_t member : {edge.first, edge.second}) {
        const CallStream& stream =
            streams_[places.StreamOf(component.members[member])];
        if (MayBeAudio(stream, legs)) voices_[*stream.leg].both_send = true;
      }
    }
  }

  void Part() {
    for (const auto& [leg, voices] : voices_) {
      if (voices.both_send || !AtOneTime(voices)) continue;
      for (const size_t i : voices.by_line[1]) {
        streams_[i].side = OppositeOf(streams_[i].side);
      }
    }
  }

 private:
  // Of one leg: its streams of audio.
  struct Voices {
    std::array<std::vector<size_t>, 2> by_line;
    std::optional<bool> from_initiator;
    bool both_send = false;
  };

  static bool MayBeAudio(const CallStream& stream,
                         const std::vector<CallLeg>& legs) {
    if (!stream.leg || stream.first().is_udptl) return false;
    const std::string kind = KindByEnds(stream, legs[*stream.leg]);
    return kind.empty() || kind == "audio";
  }

  bool AtOneTime(const Voices& voices) const {
    for (const size_t a : voices.by_line[0]) {
      for (const size_t b : voices.by_line[1]) {
        if (std::max(streams_[a].start_ns, streams_[b].start_ns) <
            std::min(streams_[a].end_ns, streams_[b].end_ns)) {
          return true;
        }
      }
    }
    return false;
  }

  std::vector<CallStream>& streams_;
  std::map<size_t, Voices> voices_;
};

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
      to->side = reverse ? OppositeOf(from->side) : from->side;
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

std::vector<bool> AssignSides(const Component& component,
                              const std::vector<CallLeg>& legs,
                              const EvidencePolicy& policy,
                              std::vector<CallStream>& streams) {
  const Places places(legs, streams);
  ByClaims(component, places, policy, streams);
  std::vector<bool> turned = TurnedLegs(component, legs, streams);
  for (CallStream& stream : streams) {
    if (!stream.leg) continue;
    stream.side = *stream.from_initiator != turned[*stream.leg]
                      ? v1::SIDE_CALLER
                      : v1::SIDE_CALLEE;
  }
  LineParter(component, places, legs, streams).Part();
  FollowOriginals(component, places, legs, streams);
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
  return turned;
}

}  // namespace callbraid::collector
