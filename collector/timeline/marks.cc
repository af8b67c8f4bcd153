#include "collector/timeline/marks.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace callbraid::collector {
namespace {

// A gateway passes a key on when it is over, or as it begins; INFO comes after.
constexpr int64_t kSameNs = 1'000'000'000;

bool IsBefore(const TimelineMark& a, const TimelineMark& b) {
  return a.time_ns < b.time_ns;
}

}  // namespace

void Unite(std::vector<TimelineMark>& marks, std::vector<TimelineMark> more) {
  std::vector<bool> met(marks.size(), false);
  std::vector<TimelineMark> fresh;
  size_t first = 0;
  for (TimelineMark& mark : more) {
    while (first < marks.size() &&
           marks[first].time_ns < mark.time_ns - kSameNs) {
      ++first;
    }
    size_t same = first;
    while (same < marks.size() &&
           marks[same].time_ns <= mark.time_ns + kSameNs &&
           (met[same] || marks[same].what != mark.what ||
            marks[same].side != mark.side)) {
      ++same;
    }
    if (same < marks.size() && marks[same].time_ns <= mark.time_ns + kSameNs) {
      met[same] = true;
    } else {
      fresh.push_back(std::move(mark));
    }
  }
  const auto middle = static_cast<std::ptrdiff_t>(marks.size());
  std::move(fresh.begin(), fresh.end(), std::back_inserter(marks));
  std::inplace_merge(marks.begin(), marks.begin() + middle, marks.end(),
                     IsBefore);
}

}  // namespace callbraid::collector
