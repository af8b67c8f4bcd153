#include "collector/playout/intervals.h"

#include <algorithm>

namespace callbraid::collector {

void Extend(Intervals& intervals, Interval added, int64_t min_gap,
            size_t max_size) {
  if (added.end <= added.begin) return;
  if (!intervals.empty()) {
    Interval& last = intervals.back();
    if (added.end <= last.end) return;
    if (added.begin < last.end + std::max<int64_t>(min_gap, 1) ||
        intervals.size() >= max_size) {
      last.end = added.end;
      return;
    }
  }
  intervals.push_back(added);
}

Intervals Subtract(const Intervals& wanted, const Intervals& taken,
                   int64_t min_length) {
  Intervals left;
  const auto keep = [&left, min_length](int64_t begin, int64_t end) {
    if (end - begin >= std::max<int64_t>(min_length, 1)) {
      left.push_back({begin, end});
    }
  };
  auto hole = taken.begin();
  for (const Interval& interval : wanted) {
    while (hole != taken.end() && hole->end <= interval.begin) ++hole;
    int64_t begin = interval.begin;
    auto next = hole;
    for (; next != taken.end() && next->begin < interval.end; ++next) {
      keep(begin, next->begin);
      begin = std::max(begin, next->end);
    }
    keep(begin, interval.end);
  }
  return left;
}

Intervals Union(const Intervals& a, const Intervals& b) {
  Intervals all(a.size() + b.size());
  std::merge(
      a.begin(), a.end(), b.begin(), b.end(), all.begin(),
      [](const Interval& x, const Interval& y) { return x.begin < y.begin; });
  Intervals united;
  for (const Interval& interval : all) {
    if (!united.empty() && interval.begin <= united.back().end) {
      united.back().end = std::max(united.back().end, interval.end);
    } else {
      united.push_back(interval);
    }
  }
  return united;
}

}  // namespace callbraid::collector
