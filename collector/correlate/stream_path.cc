#include "collector/correlate/stream_path.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "collector/correlate/lag.h"

namespace callbraid::collector {
namespace {

// Capture times are no better than this.
constexpr int64_t kStampNs = 20'000;
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

// Whether `a` lies before `b` for certain, by how long packets took.
bool IsAhead(const PathPlace& a, const PathPlace& b,
             const SensorClocks& clocks) {
  const auto measured = DelayBetween(a, b, clocks);
  if (!measured || !measured->clocked || !measured->delay.both_ways) {
    return false;
  }
  const auto noise_ns =
      static_cast<int64_t>(static_cast<double>(measured->variation_p95_ns) /
                           std::sqrt(static_cast<double>(measured->samples)));
  return measured->delay.delay_ns > kStampNs + noise_ns;
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
  for (const Node* member : component.members) {
    if (!SamePlace(*member, node)) continue;
    place.watched_before =
        place.watched_before || member->first_ns < node.first_ns;
    place.watched_after = place.watched_after || member->last_ns > node.last_ns;
  }
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
  for (auto& [name, place] : by_name) places.push_back(std::move(place));
  return places;
}

}  // namespace

std::optional<PathDelay> DelayBetween(const PathPlace& a, const PathPlace& b,
                                      const SensorClocks& clocks) {
  std::vector<int64_t> delays;
  PathDelay measured;
  measured.clocked = true;
  for (const StreamSighting* x : a.sightings) {
    for (const StreamSighting* y : b.sightings) {
      if (x->segment != y->segment) continue;
      for (const LagPoint& point : PacketPoints(*x->node, *y->node)) {
        const auto delay =
            clocks.DelayOf(a.sensor, point.time_ns, b.sensor, point.lag_ns);
        measured.clocked = measured.clocked && delay.has_value();
        if (delay) measured.delay = *delay;
        delays.push_back(delay ? delay->delay_ns : point.lag_ns);
      }
    }
  }
  if (delays.empty()) return std::nullopt;
  std::sort(delays.begin(), delays.end());
  const size_t last = delays.size() - 1;
  measured.samples = delays.size();
  measured.delay.delay_ns = delays[last / 2];
  measured.variation_ns = delays[last / 2] - delays.front();
  measured.variation_p95_ns = delays[last * 95 / 100] - delays.front();
  return measured;
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
      ahead[i][j] = i != j && IsAhead(places[i], places[j], clocks);
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
