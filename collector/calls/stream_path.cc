#include "collector/calls/stream_path.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "collector/evidence/lag.h"

namespace callbraid::collector {
namespace {

// By how much mirrors may delay their copies differently, so that capture times
// are no better than this. Where the way back was seen, it cancels out.
constexpr int64_t kStampNs = 20'000;
constexpr int64_t kBothWaysNs = 1'000;
// A mirror that doubles frames doubles at least one in so many.
constexpr uint32_t kDoublingShare = 5;

// Below 0 near the source, above 0 near the destination, by whose signalling
// passes here.
int NearnessOf(const PathPlace& place, const std::vector<CallLeg>& legs) {
  bool near_source = false;
  bool near_destination = false;
  for (const CallLeg& leg : legs) {
    for (const Node* node : leg.nodes) {
      if (node->sensor() != place.sensor) continue;
      for (const Endpoint& host : {node->initiator, node->responder}) {
        near_source = near_source || host.address == place.flow.source.address;
        near_destination =
            near_destination || host.address == place.flow.destination.address;
      }
    }
  }
  return (near_destination ? 1 : 0) - (near_source ? 1 : 0);
}

// The same where an address was translated.
int BehindTranslator(const PathPlace& place, const CallStream& stream) {
  int nearness = 0;
  for (const StreamSighting& sighting : stream.sightings) {
    const FlowKey& other = sighting.node->flow;
    if (other.source != place.flow.source) {
      nearness += (other.source.address.is_private() ? 1 : 0) -
                  (place.flow.source.address.is_private() ? 1 : 0);
    }
    if (other.destination != place.flow.destination) {
      nearness += (place.flow.destination.address.is_private() ? 1 : 0) -
                  (other.destination.address.is_private() ? 1 : 0);
    }
  }
  return nearness;
}

std::vector<LagPoint> PointsBetween(const PathPlace& a, const PathPlace& b) {
  std::vector<LagPoint> points;
  for (const StreamSighting* x : a.sightings) {
    for (const StreamSighting* y : b.sightings) {
      if (x->segment != y->segment) continue;
      const std::vector<LagPoint> common = PacketPoints(*x->node, *y->node);
      points.insert(points.end(), common.begin(), common.end());
    }
  }
  return points;
}

// Of the packets that came back by these places.
std::vector<LagPoint> PointsOfWayBack(const PathPlace& a, const PathPlace& b,
                                      const Component& component) {
  const auto is_back = [](const Node& node, const PathPlace& place) {
    return node.is_rtp() && node.sensor() == place.sensor &&
           node.capture_point() == place.capture_point &&
           node.flow == place.flow.Reversed();
  };
  std::vector<LagPoint> points;
  for (const Node* x : component.members) {
    if (!is_back(*x, a)) continue;
    for (const Node* y : component.members) {
      if (!is_back(*y, b)) continue;
      const std::vector<LagPoint> common = PacketPoints(*x, *y);
      points.insert(points.end(), common.begin(), common.end());
    }
  }
  return points;
}

// How long packets took from `a` to `b`, as far as the clocks are known.
PathDelay MeasureDelay(const PathPlace& a, const PathPlace& b,
                       const std::vector<LagPoint>& points,
                       const SensorClocks& clocks) {
  PathDelay measured;
  measured.clocked = true;
  std::vector<int64_t> delays;
  for (const LagPoint& point : points) {
    const auto delay =
        clocks.DelayOf(a.sensor, point.time_ns, b.sensor, point.lag_ns);
    measured.clocked = measured.clocked && delay.has_value();
    if (delay) measured.delay = *delay;
    delays.push_back(delay ? delay->delay_ns : point.lag_ns);
  }
  std::sort(delays.begin(), delays.end());
  const size_t last = delays.size() - 1;
  measured.samples = delays.size();
  measured.delay.delay_ns = delays[last / 2];
  measured.variation_ns = delays[last / 2] - delays.front();
  measured.variation_p95_ns = delays[last * 95 / 100] - delays.front();
  const int64_t middle_half_ns = delays[last * 3 / 4] - delays[last / 4];
  measured.noise_ns =
      static_cast<int64_t>(static_cast<double>(middle_half_ns) /
                           std::sqrt(static_cast<double>(delays.size())));
  return measured;
}

// Whether `a` lies before `b` for certain, by how long packets took.
bool IsAhead(const PathPlace& a, const PathPlace& b, const Component& component,
             const SensorClocks& clocks) {
  const std::vector<LagPoint> points = PointsBetween(a, b);
  if (points.empty()) return false;
  const PathDelay there = MeasureDelay(a, b, points, clocks);
  if (!there.clocked || !there.delay.both_ways) return false;
  const std::vector<LagPoint> points_back = PointsOfWayBack(a, b, component);
  if (points_back.empty()) {
    return there.delay.delay_ns > kStampNs + there.noise_ns;
  }
  // The difference of both ways holds neither what is left of the clocks' error
  // nor what the mirrors delay.
  const PathDelay back = MeasureDelay(a, b, points_back, clocks);
  return (there.delay.delay_ns - back.delay.delay_ns) / 2 >
         kBothWaysNs + there.noise_ns + back.noise_ns;
}

// Copies that the network made. One that comes at once is taken for one of the
// mirror; but a mirror that doubles frames doubles more than a few.
uint32_t DuplicatesAt(const Node& node) {
  const v1::StreamStatistics& statistics = node.tally().statistics();
  const uint32_t copies = statistics.mirror_copies();
  const bool sporadic = copies < statistics.packets() / kDoublingShare;
  return statistics.duplicates() + (sporadic ? copies : 0);
}

void AddSighting(const StreamSighting& sighting, const Component& component,
                 PathPlace& place) {
  const Node& node = *sighting.node;
  place.sightings.push_back(&sighting);
  place.packets[sighting.segment].Add(sighting.packets);
  place.duplicates += DuplicatesAt(node);
  place.reordered += node.tally().statistics().reordered();
  place.drops += node.tally().capture_drops();
  place.discarded += node.tally().undelivered();
  const int64_t steps = sighting.packets.end() - sighting.packets.begin() - 1;
  if (steps > 0) place.interval_ns = (node.last_ns - node.first_ns) / steps;
  for (const Node* member : component.members) {
    if (!SamePlace(*member, node)) continue;
    place.watched_before_ns =
        std::max(place.watched_before_ns, node.first_ns - member->first_ns);
    place.watched_after_ns =
        std::max(place.watched_after_ns, member->last_ns - node.last_ns);
  }
}

int64_t PacketsAt(const PathPlace& place) {
  int64_t packets = 0;
  for (const auto& [segment, seen] : place.packets) packets += seen.size();
  return packets;
}

bool ShareAPacket(const PathPlace& a, const PathPlace& b) {
  return std::any_of(a.packets.begin(), a.packets.end(),
                     [&b](const auto& segment) {
                       const auto other = b.packets.find(segment.first);
                       return other != b.packets.end() &&
                              segment.second.CommonWith(other->second) > 0;
                     });
}

// The addresses are those that most packets had.
void Join(PathPlace from, PathPlace& to) {
  if (PacketsAt(from) > PacketsAt(to)) std::swap(from, to);
  to.sightings.insert(to.sightings.end(), from.sightings.begin(),
                      from.sightings.end());
  for (const auto& [segment, packets] : from.packets) {
    to.packets[segment].Add(packets);
  }
  to.watched_before_ns = std::max(to.watched_before_ns, from.watched_before_ns);
  to.watched_after_ns = std::max(to.watched_after_ns, from.watched_after_ns);
  to.duplicates += from.duplicates;
  to.reordered += from.reordered;
  to.drops += from.drops;
  to.discarded += from.discarded;
}

std::vector<PathPlace> PlacesOf(const CallStream& stream,
                                const Component& component) {
  std::map<std::tuple<std::string, std::string, FlowKey>, PathPlace> by_name;
  for (const StreamSighting& sighting : stream.sightings) {
    const Node& node = *sighting.node;
    PathPlace& place =
        by_name[{node.sensor(), node.capture_point(), node.flow}];
    place.sensor = node.sensor();
    place.capture_point = node.capture_point();
    place.flow = node.flow;
    AddSighting(sighting, component, place);
  }
  std::vector<PathPlace> places;
  for (auto& [name, seen_here] : by_name) {
    PathPlace& place = seen_here;
    // A source that was told of another address, or found it out, sends there
    // what it does not send here any more: nothing passes both.
    const auto same =
        std::find_if(places.begin(), places.end(), [&](const PathPlace& other) {
          return other.sensor == place.sensor &&
                 other.capture_point == place.capture_point &&
                 !ShareAPacket(other, place);
        });
    if (same == places.end()) {
      places.push_back(std::move(place));
    } else {
      Join(std::move(place), *same);
    }
  }
  return places;
}

}  // namespace

std::optional<PathDelay> DelayBetween(const PathPlace& a, const PathPlace& b,
                                      const SensorClocks& clocks) {
  const std::vector<LagPoint> points = PointsBetween(a, b);
  if (points.empty()) return std::nullopt;
  return MeasureDelay(a, b, points, clocks);
}

std::vector<PathPlace> PathOf(const CallStream& stream,
                              const Component& component,
                              const std::vector<CallLeg>& legs,
                              const SensorClocks& clocks) {
  std::vector<PathPlace> places = PlacesOf(stream, component);
  if (places.size() < 2) return places;
  // What is certain comes first; of those that nothing is known to precede, the
  // one that seems nearest.
  std::stable_sort(
      places.begin(), places.end(),
      [&](const PathPlace& a, const PathPlace& b) {
        return std::pair(BehindTranslator(a, stream), NearnessOf(a, legs)) <
               std::pair(BehindTranslator(b, stream), NearnessOf(b, legs));
      });
  const size_t count = places.size();
  std::vector<std::vector<bool>> ahead(count, std::vector<bool>(count));
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = 0; j < count; ++j) {
      ahead[i][j] = i != j && IsAhead(places[i], places[j], component, clocks);
    }
  }
  std::vector<PathPlace> path;
  std::vector<bool> taken(count);
  while (path.size() < count) {
    size_t next = count;
    for (size_t i = 0; i < count; ++i) {
      if (taken[i]) continue;
      if (next == count) next = i;
      bool preceded = false;
      for (size_t j = 0; j < count && !preceded; ++j) {
        preceded = !taken[j] && ahead[j][i];
      }
      if (!preceded) {
        next = i;
        break;
      }
    }
    taken[next] = true;
    path.push_back(std::move(places[next]));
  }
  return path;
}

}  // namespace callbraid::collector
