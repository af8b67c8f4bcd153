#include "collector/clocks/clock_steps.h"

#include <algorithm>
#include <cstdlib>
#include <tuple>
#include <utility>

namespace callbraid::collector {
namespace {

constexpr int64_t kMs = 1'000'000;

// Delays in a network change by less.
constexpr int64_t kLeastStepNs = 100 * kMs;
// A step stands out from how lags vary on either side.
constexpr int64_t kTimesSpread = 4;
// Points on either side that are compared.
constexpr size_t kWindow = 8;
constexpr size_t kLeastWindow = 2;
constexpr size_t kMaxSteps = 15;

// Of the clock by which points are put in order.
int64_t TimeOf(const LagPoint& point, bool by_second) {
  return by_second ? point.time_ns + point.lag_ns : point.time_ns;
}

struct Side {
  int64_t median_ns = 0;
  int64_t spread_ns = 0;
};

Side SideOf(const std::vector<LagPoint>& points, size_t begin, size_t end) {
  std::vector<int64_t> lags;
  for (size_t i = begin; i < end; ++i) lags.push_back(points[i].lag_ns);
  std::sort(lags.begin(), lags.end());
  const size_t last = lags.size() - 1;
  return {lags[last / 2], lags[last - last / 5] - lags[last / 5]};
}

// In points[begin, end): behind how many of them a step lies; 0 if there is
// none.
size_t BestCut(const std::vector<LagPoint>& points, size_t begin, size_t end) {
  size_t best = 0;
  int64_t best_step = 0;
  for (size_t cut = begin + kLeastWindow; cut + kLeastWindow <= end; ++cut) {
    const size_t window = std::min({kWindow, cut - begin, end - cut});
    const Side before = SideOf(points, cut - window, cut);
    const Side after = SideOf(points, cut, cut + window);
    const int64_t step = std::abs(after.median_ns - before.median_ns);
    if (step < kLeastStepNs ||
        step < kTimesSpread * std::max(before.spread_ns, after.spread_ns)) {
      continue;
    }
    // Of cuts beside each other, the one where it is abrupt.
    const int64_t jump =
        std::abs(points[cut].lag_ns - points[cut - 1].lag_ns) + step;
    if (jump > best_step) {
      best_step = jump;
      best = cut;
    }
  }
  return best;
}

void Split(const std::vector<LagPoint>& points, size_t begin, size_t end,
           std::vector<size_t>& cuts) {
  if (cuts.size() >= kMaxSteps) return;
  const size_t cut = BestCut(points, begin, end);
  if (cut == 0) return;
  cuts.push_back(cut);
  Split(points, begin, cut, cuts);
  Split(points, cut, end, cuts);
}

struct Order {
  std::vector<LagPoint> points;
  std::vector<size_t> cuts;
  // How far points are from the middle of their stretch, and how long it all
  // took: the less, the likelier.
  int64_t cost_ns = 0;
};

Order InOrder(std::vector<LagPoint> points, bool by_second) {
  std::sort(points.begin(), points.end(),
            [by_second](const LagPoint& a, const LagPoint& b) {
              return std::tuple(TimeOf(a, by_second), a.lag_ns) <
                     std::tuple(TimeOf(b, by_second), b.lag_ns);
            });
  Order order;
  Split(points, 0, points.size(), order.cuts);
  std::sort(order.cuts.begin(), order.cuts.end());
  size_t begin = 0;
  for (size_t i = 0; i <= order.cuts.size(); ++i) {
    const size_t end = i < order.cuts.size() ? order.cuts[i] : points.size();
    const int64_t middle = SideOf(points, begin, end).median_ns;
    for (; begin < end; ++begin) {
      // Far below what would overflow.
      order.cost_ns += std::min<int64_t>(
          std::abs(points[begin].lag_ns - middle), int64_t{1} << 40);
    }
  }
  order.cost_ns +=
      TimeOf(points.back(), by_second) - TimeOf(points.front(), by_second);
  order.points = std::move(points);
  return order;
}

}  // namespace

size_t StepCuts::StretchOf(const LagPoint& point) const {
  const int64_t time_ns = TimeOf(point, by_second);
  return static_cast<size_t>(
      std::lower_bound(ends.begin(), ends.end(), time_ns) - ends.begin());
}

StepCuts FindSteps(std::vector<LagPoint> points) {
  StepCuts steps;
  Order first = InOrder(points, /*by_second=*/false);
  Order second = InOrder(std::move(points), /*by_second=*/true);
  // The clock that was set back has times twice: put in its order, lags of
  // before and after mix, or, if it was set by much, what came after comes
  // first, and nothing for a long time in between.
  steps.by_second = second.cost_ns < first.cost_ns;
  const Order& order = steps.by_second ? second : first;
  for (const size_t cut : order.cuts) {
    steps.ends.push_back(TimeOf(order.points[cut - 1], steps.by_second));
  }
  return steps;
}

}  // namespace callbraid::collector
