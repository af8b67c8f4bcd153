#include "collector/clocks/common_traffic.h"

#include <utility>

namespace callbraid::collector {
namespace {

void Append(const std::vector<LagPoint>& more, std::vector<LagPoint>& points) {
  points.insert(points.end(), more.begin(), more.end());
}

// An INVITE comes to the next hop later, its answer earlier.
std::vector<LagPoint> HopPoints(const Node& a, const Node& b) {
  std::vector<LagPoint> points;
  const auto add = [&points](int64_t in_a, int64_t in_b) {
    if (in_a != 0 && in_b != 0) points.push_back({in_a, in_b - in_a});
  };
  add(a.dialog().invite_time_ns(), b.dialog().invite_time_ns());
  add(a.dialog().answer_time_ns(), b.dialog().answer_time_ns());
  return points;
}

}  // namespace

void CommonTraffic::Add(const FlowKey& way,
                        const std::vector<LagPoint>& points) {
  if (!points.empty()) Append(points, content_[way]);
}

void CommonTraffic::AddStream(const Node& a, const Node& b) {
  Add(a.flow, PacketPoints(a, b));
}

void CommonTraffic::AddDialog(const Node& a, const Node& b) {
  if (MarkLags(a, b).empty()) {
    Append(HopPoints(a, b), hops_);
    return;
  }
  const FlowKey way{a.initiator, a.responder};
  Add(way, MarkPoints(a, b, /*from_initiator=*/true));
  Add(way.Reversed(), MarkPoints(a, b, /*from_initiator=*/false));
}

std::vector<LagGroup> CommonTraffic::Groups() const {
  std::vector<LagGroup> groups;
  std::map<FlowKey, size_t> places;
  for (const auto& [way, points] : content_) {
    places[way] = groups.size();
    groups.push_back({points, std::nullopt, false});
  }
  bool both_ways = false;
  for (const auto& [way, place] : places) {
    const auto reverse = places.find(way.Reversed());
    if (reverse != places.end() && reverse->second != place) {
      groups[place].reverse = reverse->second;
      both_ways = true;
    }
  }
  // A proxy takes its time: only where nothing better tells.
  if (!both_ways && hops_.size() > 1) {
    groups.push_back({hops_, std::nullopt, true});
  }
  return groups;
}

std::optional<ClockFit> CommonTraffic::Fit() const {
  return FitClocks(Groups());
}

std::optional<ClockFit> CommonTraffic::FitBack() const {
  std::vector<LagGroup> groups = Groups();
  for (LagGroup& group : groups) {
    for (LagPoint& point : group.points) {
      point = {point.time_ns + point.lag_ns, -point.lag_ns};
    }
  }
  return FitClocks(std::move(groups));
}

}  // namespace callbraid::collector
