#include "collector/calls/sensor_clocks.h"

#include <algorithm>
#include <cmath>

#include "collector/clocks/common_traffic.h"

namespace callbraid::collector {
namespace {

ClockFit FitFrom(const ClockRelation& clock) {
  ClockFit fit;
  ClockPiece& piece = fit.pieces.emplace_back();
  piece.offset_ns = clock.offset_ns;
  piece.uncertainty_ns = clock.tolerance_ns;
  return fit;
}

int64_t PartsPerBillion(double ppm) {
  return std::llround(std::clamp(ppm, -1e6, 1e6) * 1000);
}

}  // namespace

SensorClocks::SensorClocks(const Component& component) {
  Measure(component);
  clocks_ = ConnectClocks(fits_, component.members.front()->sensor());
  for (const Node* member : component.members) {
    // Nothing to measure it by.
    const auto [clock, added] = clocks_.try_emplace(member->sensor());
    if (added) clock->second.pieces.emplace_back();
  }
}

void SensorClocks::Measure(const Component& component) {
  std::map<std::pair<std::string, std::string>, CommonTraffic> common;
  for (const Edge& edge : component.edges) {
    const Node* a = component.members[edge.first];
    const Node* b = component.members[edge.second];
    if (SameSensor(*a, *b)) continue;
    if (b->sensor() < a->sensor()) std::swap(a, b);
    CommonTraffic& seen = common[{a->sensor(), b->sensor()}];
    if (edge.evidence.kind == v1::EVIDENCE_KIND_SAME_RTP) {
      seen.AddStream(*a, *b);
    } else if (edge.evidence.kind == v1::EVIDENCE_KIND_SAME_DIALOG) {
      seen.AddDialog(*a, *b);
    }
  }
  for (const auto& [pair, seen] : common) {
    auto there = seen.Fit();
    auto back = seen.FitBack();
    if (!there || !back) continue;
    fits_[pair] = *std::move(there);
    fits_[{pair.second, pair.first}] = *std::move(back);
  }
  // What other calls say, where this one has nothing that both saw.
  for (const Edge& edge : component.edges) {
    const ClockRelation& clock = edge.evidence.clock;
    const std::string& a = component.members[edge.first]->sensor();
    const std::string& b = component.members[edge.second]->sensor();
    if (a == b || !clock.known) continue;
    const std::pair pair(std::min(a, b), std::max(a, b));
    fits_.try_emplace(pair, FitFrom(clock));
    fits_.try_emplace({pair.second, pair.first}, FitFrom(clock.Reversed()));
  }
}

int64_t SensorClocks::Align(const std::string& sensor, int64_t time_ns) const {
  const auto found = clocks_.find(sensor);
  return found == clocks_.end() ? time_ns : time_ns + found->second.At(time_ns);
}

std::optional<SensorClocks::Delay> SensorClocks::DelayOf(
    const std::string& from, int64_t time_ns, const std::string& to,
    int64_t lag_ns) const {
  if (from == to) return Delay{lag_ns, 0, true};
  const auto fit = fits_.find({from, to});
  if (fit != fits_.end()) {
    const ClockPiece& piece = fit->second.PieceAt(time_ns);
    return Delay{lag_ns - piece.At(time_ns), piece.uncertainty_ns,
                 fit->second.both_ways};
  }
  const auto from_clock = clocks_.find(from);
  const auto to_clock = clocks_.find(to);
  if (from_clock == clocks_.end() || to_clock == clocks_.end() ||
      from_clock->second.points + to_clock->second.points == 0) {
    return std::nullopt;
  }
  const int64_t seen_ns = time_ns + lag_ns;
  return Delay{Align(to, seen_ns) - Align(from, time_ns),
               from_clock->second.PieceAt(time_ns).uncertainty_ns +
                   to_clock->second.PieceAt(seen_ns).uncertainty_ns,
               from_clock->second.both_ways && to_clock->second.both_ways};
}

std::vector<store::v1::SensorOffset> SensorClocks::ToProto() const {
  std::vector<store::v1::SensorOffset> out;
  for (const auto& [sensor, clock] : clocks_) {
    for (const ClockPiece& piece : clock.pieces) {
      store::v1::SensorOffset& proto = out.emplace_back();
      proto.set_sensor(sensor);
      proto.set_offset_ns(piece.offset_ns);
      proto.set_uncertainty_ns(static_cast<uint64_t>(piece.uncertainty_ns));
      if (piece.from_ns != ClockPiece::kBeginning) {
        proto.set_from_ns(piece.from_ns);
      }
      proto.set_drift_ppb(
          static_cast<int32_t>(PartsPerBillion(piece.drift_ppm)));
      proto.set_drift_uncertainty_ppb(
          static_cast<uint32_t>(PartsPerBillion(piece.drift_uncertainty_ppm)));
      if (proto.drift_ppb() != 0) proto.set_reference_ns(piece.reference_ns);
    }
  }
  return out;
}

}  // namespace callbraid::collector
