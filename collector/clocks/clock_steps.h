#ifndef CALLBRAID_COLLECTOR_CLOCKS_CLOCK_STEPS_H_
#define CALLBRAID_COLLECTOR_CLOCKS_CLOCK_STEPS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "collector/evidence/lag.h"

namespace callbraid::collector {

// Where one of two clocks was set: the lags before and after differ by more
// than delays do.
struct StepCuts {
  // Stretches between steps, one more than there are steps, in the order of
  // true time.
  size_t stretches() const { return ends.size() + 1; }
  size_t StretchOf(const LagPoint& point) const;

  // The first clock was the one that was set, as far as can be told: then times
  // of the second tell where a point belongs.
  bool by_second = false;
  // By the clock that was not set: ends of all stretches but the last.
  std::vector<int64_t> ends;
};

// A pure function of the points, whatever their order. At least one.
StepCuts FindSteps(std::vector<LagPoint> points);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CLOCKS_CLOCK_STEPS_H_
