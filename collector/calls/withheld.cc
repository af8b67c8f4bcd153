#include "collector/calls/withheld.h"

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/evidence/lag.h"
#include "collector/store/sequence_marks.h"

namespace callbraid::collector {
namespace {

// Who sends a stream lacks at most one packet of so many that others have, and
// those few that may have been lost anywhere.
constexpr int64_t kGoodShare = 1000;
constexpr int64_t kFewLost = 3;
// A capture point that had nothing of a stream for so long, although it had of
// others, sees it no more.
constexpr int64_t kStillSeenNs = 3 * EvidencePolicy::kSecond;

uint32_t Count(int64_t number) {
  return static_cast<uint32_t>(
      std::clamp<int64_t>(number, 0, std::numeric_limits<uint32_t>::max()));
}

MediaPlace PlaceOf(const Node& node) {
  return {node.sensor(), node.capture_point(), node.flow, node.ssrc};
}

// One that is behind with delivering sees it still.
bool SeesNoMore(const Node& node, const Watermarks& watermarks) {
  const int64_t come_to_ns =
      watermarks.Of(node.sensor(), node.capture_point()).time_ns;
  return node.final() || (node.tally().undelivered() == 0 &&
                          come_to_ns - node.last_ns > kStillSeenNs);
}

// Those that see the stream now, each place once; all of one segment.
std::vector<const StreamSighting*> Watching(const CallStream& stream,
                                            const SensorClocks& clocks,
                                            const Watermarks& watermarks) {
  const auto end_of = [&clocks](const StreamSighting& sighting) {
    return clocks.Align(sighting.node->sensor(), sighting.node->last_ns);
  };
  const auto newest =
      std::max_element(stream.sightings.begin(), stream.sightings.end(),
                       [&end_of](const auto& a, const auto& b) {
                         return end_of(a) < end_of(b);
                       });
  std::vector<const StreamSighting*> watching;
  for (const StreamSighting& sighting : stream.sightings) {
    if (sighting.segment != newest->segment ||
        SeesNoMore(*sighting.node, watermarks)) {
      continue;
    }
    const auto same =
        std::find_if(watching.begin(), watching.end(),
                     [&sighting](const StreamSighting* other) {
                       return PlaceOf(*sighting.node) == PlaceOf(*other->node);
                     });
    if (same == watching.end()) {
      watching.push_back(&sighting);
    } else if (end_of(sighting) > end_of(**same)) {
      *same = &sighting;
    }
  }
  return watching;
}

// Where the gap that has packet `begin` ends. Always at the same numbers, so
// that a part is known again when another one has come.
int64_t PartEnd(int64_t begin, int64_t end) {
  static_assert((PayloadGap::kMaxPackets & (PayloadGap::kMaxPackets - 1)) == 0);
  return std::min(end, (begin | (PayloadGap::kMaxPackets - 1)) + 1);
}

// Numbers and times are no proof that it is the same audio.
bool IsKnownByPayload(const StreamSighting& one,
                      const std::vector<const StreamSighting*>& all,
                      const EvidencePolicy& policy) {
  return std::any_of(all.begin(), all.end(), [&](const auto* other) {
    return other != &one && MatchAnchors(*one.node, *other->node).same_header >=
                                policy.same_rtp_packets;
  });
}

}  // namespace

SequenceSet WithheldOf(const StreamSighting& sighting) {
  return SequenceSet::Withheld(sighting.node->tally(), sighting.shift);
}

MissingPayload::MissingPayload(const CallStream& stream,
                               const Watermarks& watermarks,
                               const EvidencePolicy& policy)
    : kept_(stream.sightings.size()) {
  if (std::all_of(stream.sightings.begin(), stream.sightings.end(),
                  [](const StreamSighting& sighting) {
                    return sighting.node->tally().withheld_runs().empty();
                  })) {
    return;
  }
  std::map<size_t, SequenceSet> sent;
  for (size_t i = 0; i < kept_.size(); ++i) {
    const StreamSighting& sighting = stream.sightings[i];
    kept_[i] = WithheldOf(sighting);
    sent[sighting.segment].Add(sighting.packets.Without(kept_[i]));
  }
  for (size_t i = 0; i < kept_.size(); ++i) {
    const StreamSighting& sighting = stream.sightings[i];
    const SequenceSet& here = sent[sighting.segment];
    const Node& node = *sighting.node;
    // Whoever sends is away, and this one has long gone on.
    const bool passed =
        watermarks.Of(node.sensor(), node.capture_point()).time_ns >=
        node.last_ns + policy.settle_ns;
    if (!passed) kept_[i] = kept_[i].Within(kept_[i].begin(), here.end());
    kept_[i] = kept_[i].Without(here);
    missing_[sighting.segment].Add(kept_[i]);
  }
  for (const auto& [segment, missing] : missing_) size_ += missing.size();
}

std::vector<PayloadGap> MissingPayload::Gaps(const CallStream& stream) const {
  std::vector<PayloadGap> gaps;
  for (const auto& [segment, missing] : missing_) {
    for (const SequenceSet::Interval& interval : missing.intervals()) {
      int64_t end = interval.begin;
      while (end < interval.end) {
        const int64_t begin = std::exchange(end, PartEnd(end, interval.end));
        gaps.push_back(GapOf(stream, segment, begin, end));
      }
    }
  }
  return gaps;
}

PayloadGap MissingPayload::GapOf(const CallStream& stream, size_t segment,
                                 int64_t begin, int64_t end) const {
  PayloadGap gap;
  gap.stream = stream.first().id;
  gap.begin = begin;
  gap.end = end;
  for (size_t i = 0; i < kept_.size(); ++i) {
    const StreamSighting& sighting = stream.sightings[i];
    if (sighting.segment != segment) continue;
    const SequenceSet part = kept_[i].Within(begin, end);
    if (part.empty()) continue;
    const int64_t first = part.begin() - sighting.shift;
    gap.keepers.push_back({PlaceOf(*sighting.node),
                           static_cast<uint16_t>(first),
                           TimeOfSequence(first, sighting.node->tally())});
  }
  return gap;
}

void NoteDebts(const CallStream& stream, const MissingPayload& missing,
               std::vector<WatchPoint>& points) {
  for (size_t i = 0; i < stream.sightings.size(); ++i) {
    if (missing.KeptAt(i).empty()) continue;
    const Node& node = *stream.sightings[i].node;
    for (WatchPoint& point : points) {
      if (point.sensor == node.sensor() &&
          point.capture_point == node.capture_point()) {
        point.owes = true;
      }
    }
  }
}

void TellWithheld(const CallStream& stream, const MissingPayload& missing,
                  v1::Stream& proto) {
  for (size_t i = 0; i < stream.sightings.size(); ++i) {
    v1::StreamObservation& seen =
        *proto.mutable_observations(static_cast<int>(i));
    seen.set_kept(Count(WithheldOf(stream.sightings[i]).size()));
    if (missing.KeptAt(i).empty()) continue;
    proto.add_findings(absl::StrCat(
        "the payload of ", missing.KeptAt(i).size(), " of ", proto.packets(),
        " packets has not come: ", seen.sensor(), " keeps it, or lost it"));
  }
  proto.set_withheld(Count(missing.size()));
}

std::vector<MediaCandidate> CandidatesOf(const CallStream& stream,
                                         const SensorClocks& clocks,
                                         const Watermarks& watermarks,
                                         const EvidencePolicy& policy) {
  std::vector<MediaCandidate> candidates;
  if (stream.first().is_udptl || stream.sightings.size() < 2) return candidates;
  const auto watching = Watching(stream, clocks, watermarks);
  if (watching.size() < 2) return candidates;
  SequenceSet all;
  for (const StreamSighting* one : watching) all.Add(one->packets);
  for (const StreamSighting* one : watching) {
    if (!IsKnownByPayload(*one, watching, policy)) continue;
    const SequenceSet meanwhile =
        all.Within(one->packets.begin(), one->packets.end());
    MediaCandidate& candidate = candidates.emplace_back();
    candidate.place = PlaceOf(*one->node);
    candidate.lacks = meanwhile.size() - meanwhile.CommonWith(one->packets);
    candidate.good = one->node->tally().truncated() == 0 &&
                     (candidate.lacks <= kFewLost ||
                      candidate.lacks * kGoodShare <= one->packets.size());
  }
  return candidates;
}

}  // namespace callbraid::collector
