#ifndef CALLBRAID_COLLECTOR_PLAYOUT_INTERVALS_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_INTERVALS_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace callbraid::collector {

// A stretch of the timeline: [begin, end), in ticks (stream_timeline.h).
struct Interval {
  int64_t begin = 0;
  int64_t end = 0;
  bool operator==(const Interval&) const = default;
};

// Stretches in ascending order that neither overlap nor touch.
using Intervals = std::vector<Interval>;

// Appends [begin, end) to `intervals`; gaps below `min_gap` close, and so does
// every gap when there are `max_size` of them. What lies before the last
// stretch is left out: the timeline only moves on.
void Extend(Intervals& intervals, Interval added, int64_t min_gap,
            size_t max_size);

// `wanted` without `taken`; pieces below `min_length` are dropped.
Intervals Subtract(const Intervals& wanted, const Intervals& taken,
                   int64_t min_length);

Intervals Union(const Intervals& a, const Intervals& b);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_INTERVALS_H_
