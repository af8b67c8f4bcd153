#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "collector/correlate/call_streams.h"
#include "collector/correlate/lag.h"

namespace callbraid::collector {
namespace {

// A capture point that saw the stream.
struct Place {
  std::string sensor;
  std::string capture_point;
  std::vector<const StreamSighting*> sightings;
  // Below 0 near the source, above 0 near the destination, by whose signalling
  // passes here.
  int nearness = 0;
  // How much later than the first place it sees the same packets.
  int64_t lag_ns = 0;
};

int NearnessOf(const Place& place, const CallStream& stream,
               const std::vector<CallLeg>& legs) {
  const FlowKey& flow = stream.first().flow;
  bool near_source = false;
  bool near_destination = false;
  for (const CallLeg& leg : legs) {
    for (const Node* node : leg.nodes) {
      if (node->sensor() != place.sensor) continue;
      for (const Endpoint& host : {node->initiator, node->responder}) {
        near_source = near_source || host.address == flow.source.address;
        near_destination =
            near_destination || host.address == flow.destination.address;
      }
    }
  }
  return (near_destination ? 1 : 0) - (near_source ? 1 : 0);
}

// Nullopt if the two have no packet in common that is known by its payload.
std::optional<int64_t> LagBetween(const Place& a, const Place& b,
                                  const SensorClocks& clocks) {
  for (const StreamSighting* x : a.sightings) {
    for (const StreamSighting* y : b.sightings) {
      if (x->segment != y->segment) continue;
      const AnchorMatch match = MatchAnchors(*x->node, *y->node);
      if (match.same_header == 0) continue;
      return match.lag_ns + clocks.OffsetOf(b.sensor) -
             clocks.OffsetOf(a.sensor);
    }
  }
  return std::nullopt;
}

std::vector<Place> PlacesOf(const CallStream& stream,
                            const std::vector<CallLeg>& legs,
                            const SensorClocks& clocks) {
  std::map<std::pair<std::string, std::string>, Place> by_name;
  for (const StreamSighting& sighting : stream.sightings) {
    const Node& node = *sighting.node;
    Place& place = by_name[{node.sensor(), node.capture_point()}];
    place.sensor = node.sensor();
    place.capture_point = node.capture_point();
    place.sightings.push_back(&sighting);
  }
  std::vector<Place> places;
  for (auto& [name, place] : by_name) places.push_back(std::move(place));
  for (Place& place : places) {
    place.nearness = NearnessOf(place, stream, legs);
    if (const auto lag = LagBetween(places.front(), place, clocks)) {
      place.lag_ns = *lag;
    }
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
    return std::tie(a.nearness, a.lag_ns, a.sensor, a.capture_point) <
           std::tie(b.nearness, b.lag_ns, b.sensor, b.capture_point);
  });
  return places;
}

std::map<size_t, SequenceSet> BySegment(const Place& place) {
  std::map<size_t, SequenceSet> packets;
  for (const StreamSighting* sighting : place.sightings) {
    packets[sighting->segment].Add(sighting->packets);
  }
  return packets;
}

v1::Hop HopBetween(const Place& near, const Place& far) {
  v1::Hop hop;
  hop.set_from_sensor(near.sensor);
  hop.set_to_sensor(far.sensor);
  int64_t packets = 0;
  int64_t lost = 0;
  int64_t missed = 0;
  const auto far_packets = BySegment(far);
  for (const auto& [segment, sent] : BySegment(near)) {
    const auto other = far_packets.find(segment);
    if (other == far_packets.end()) continue;
    const int64_t begin = std::max(sent.begin(), other->second.begin());
    const int64_t end = std::min(sent.end(), other->second.end());
    const SequenceSet here = sent.Within(begin, end);
    const SequenceSet there = other->second.Within(begin, end);
    const int64_t common = here.CommonWith(there);
    packets += here.size();
    lost += here.size() - common;
    missed += there.size() - common;
  }
  hop.set_packets(static_cast<uint32_t>(packets));
  hop.set_lost(static_cast<uint32_t>(lost));
  hop.set_missed_near(static_cast<uint32_t>(missed));
  return hop;
}

}  // namespace

std::vector<v1::Hop> FindHops(const CallStream& stream,
                              const std::vector<CallLeg>& legs,
                              const SensorClocks& clocks) {
  std::vector<v1::Hop> hops;
  const std::vector<Place> places = PlacesOf(stream, legs, clocks);
  for (size_t i = 0; i + 1 < places.size(); ++i) {
    hops.push_back(HopBetween(places[i], places[i + 1]));
  }
  return hops;
}

}  // namespace callbraid::collector
