#include "collector/correlate/sensor_clocks.h"

#include <algorithm>
#include <deque>
#include <utility>

#include "collector/correlate/lag.h"

namespace callbraid::collector {
namespace {

// Between which values the difference of two clocks was measured.
struct Span {
  int64_t low = 0;
  int64_t high = 0;
};
// Time by the first sensor minus time by the second.
using Spans = std::map<std::pair<std::string, std::string>, Span>;

void Widen(Spans& spans, const std::string& a, const std::string& b,
           const Span& span) {
  const auto [it, added] = spans.try_emplace({a, b}, span);
  if (added) return;
  it->second.low = std::min(it->second.low, span.low);
  it->second.high = std::max(it->second.high, span.high);
}

Spans Measure(const Component& component) {
  Spans spans;
  for (const Edge& edge : component.edges) {
    const Node& a = *component.members[edge.first];
    const Node& b = *component.members[edge.second];
    if (SameSensor(a, b)) continue;
    std::vector<int64_t> lags;
    if (edge.evidence.kind == v1::EVIDENCE_KIND_SAME_DIALOG) {
      lags = MarkLags(a, b);
    } else if (edge.evidence.kind == v1::EVIDENCE_KIND_SAME_RTP) {
      lags = MatchAnchors(a, b).lags;
    }
    if (lags.empty()) continue;
    const Quartiles lag = QuartilesOf(std::move(lags));
    Widen(spans, a.sensor(), b.sensor(), {-lag.high, -lag.low});
    Widen(spans, b.sensor(), a.sensor(), {lag.low, lag.high});
  }
  return spans;
}

}  // namespace

SensorClocks::SensorClocks(const Component& component) {
  const Spans spans = Measure(component);
  const std::string& reference = component.members.front()->sensor();
  offsets_[reference] = {};
  std::deque<std::string> reached = {reference};
  while (!reached.empty()) {
    const std::string near = reached.front();
    reached.pop_front();
    const Offset base = offsets_[near];
    for (const auto& [pair, span] : spans) {
      if (pair.first != near || offsets_.count(pair.second) != 0) continue;
      const int64_t half = (span.high - span.low) / 2;
      offsets_[pair.second] = {
          base.offset_ns + span.low + half,
          base.uncertainty_ns + std::max<int64_t>(1, half)};
      reached.push_back(pair.second);
    }
  }
  for (const Node* member : component.members) {
    offsets_.try_emplace(member->sensor());
  }
}

int64_t SensorClocks::OffsetOf(const std::string& sensor) const {
  const auto found = offsets_.find(sensor);
  return found == offsets_.end() ? 0 : found->second.offset_ns;
}

std::vector<store::v1::SensorOffset> SensorClocks::ToProto() const {
  std::vector<store::v1::SensorOffset> out;
  for (const auto& [sensor, offset] : offsets_) {
    store::v1::SensorOffset& proto = out.emplace_back();
    proto.set_sensor(sensor);
    proto.set_offset_ns(offset.offset_ns);
    proto.set_uncertainty_ns(static_cast<uint64_t>(offset.uncertainty_ns));
  }
  return out;
}

}  // namespace callbraid::collector
