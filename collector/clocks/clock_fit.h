#ifndef CALLBRAID_COLLECTOR_CLOCKS_CLOCK_FIT_H_
#define CALLBRAID_COLLECTOR_CLOCKS_CLOCK_FIT_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "collector/evidence/lag.h"

// How two clocks compare, by what both sensors saw.
//
// What takes its way from the first sensor to the second is seen by the second
// later than the clocks' difference says; what goes the other way, earlier. So
// with both directions the difference lies between the two, and half of their
// distance is how far the middle may be off: no assumption on the network is
// needed, only that nothing arrives before it was sent.

namespace callbraid::collector {

// Things seen at both sensors that took the same way.
struct LagGroup {
  std::vector<LagPoint> points;
  // Index of the group of the same two parties in the other direction.
  std::optional<size_t> reverse;
  // The points are of both directions, mixed: INVITE and answer at two hops.
  bool mixed = false;
};

// The clocks' difference for a while: at raw time t of the first sensor, add
// offset_ns + drift_ppm * 1e-6 * (t - reference_ns) to get to the clock of the
// second.
struct ClockPiece {
  static constexpr int64_t kBeginning = std::numeric_limits<int64_t>::min();

  // Raw time of the first sensor from which on this holds.
  int64_t from_ns = kBeginning;
  // When offset_ns is exact: amidst what it was measured by.
  int64_t reference_ns = 0;
  int64_t offset_ns = 0;
  // The true offset is nearer to it than this.
  int64_t uncertainty_ns = 0;
  double drift_ppm = 0;
  double drift_uncertainty_ppm = 0;

  int64_t At(int64_t time_ns) const;
};

// One of the two clocks was set.
struct ClockSet {
  // Raw time of the first sensor after it.
  int64_t time_ns = 0;
  // By how much the offset grew.
  int64_t change_ns = 0;
};

struct ClockFit {
  // By from_ns; the first one from the beginning. More than one: a clock was
  // set. Times that the first sensor has twice, because its clock was set back,
  // are in the one or the other.
  std::vector<ClockPiece> pieces;
  // In the order of true time.
  std::vector<ClockSet> sets;
  size_t points = 0;
  // Traffic of both directions was seen. Else the delay on the way is in the
  // offset, and the uncertainty is a guess of how large it may be.
  bool both_ways = false;

  const ClockPiece& PieceAt(int64_t time_ns) const;
  int64_t At(int64_t time_ns) const { return PieceAt(time_ns).At(time_ns); }
};

// Nullopt if `groups` have no points. A pure function of the points, whatever
// their order.
std::optional<ClockFit> FitClocks(std::vector<LagGroup> groups);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CLOCKS_CLOCK_FIT_H_
