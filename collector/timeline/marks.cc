#include "collector/timeline/marks.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

namespace callbraid::collector {
namespace {

// A gateway passes a key on as it begins, or when it is over; INFO comes after.
constexpr int64_t kSlackNs = 1'000'000'000;
// Longer is no key.
constexpr int64_t kLongestNs = 10'000'000'000;

bool IsBefore(const TimelineMark& a, const TimelineMark& b) {
  return a.time_ns < b.time_ns;
}

// Until when the same thing may be told of elsewhere.
int64_t EndOf(const TimelineMark& mark) {
  return mark.time_ns +
         std::clamp<int64_t>(mark.duration_ns.value_or(0), 0, kLongestNs) +
         kSlackNs;
}

// Those of one thing by one side, in order, and how many of them are passed.
struct Queue {
  std::vector<const TimelineMark*> marks;
  size_t next = 0;
};

}  // namespace

void Unite(std::vector<TimelineMark>& marks, std::vector<TimelineMark> more,
           size_t limit) {
  std::map<std::pair<v1::Side, std::string_view>, Queue> queues;
  for (const TimelineMark& mark : marks) {
    queues[{mark.side, mark.what}].marks.push_back(&mark);
  }
  std::vector<TimelineMark> fresh;
  for (TimelineMark& mark : more) {
    const auto queue = queues.find({mark.side, mark.what});
    if (queue != queues.end()) {
      auto& [known, next] = queue->second;
      while (next < known.size() && EndOf(*known[next]) < mark.time_ns) ++next;
      if (next < known.size() && known[next]->time_ns <= EndOf(mark)) {
        ++next;
        continue;
      }
    }
    fresh.push_back(std::move(mark));
  }
  queues.clear();
  const auto middle = static_cast<std::ptrdiff_t>(marks.size());
  std::move(fresh.begin(), fresh.end(), std::back_inserter(marks));
  std::inplace_merge(marks.begin(), marks.begin() + middle, marks.end(),
                     IsBefore);
  if (marks.size() > limit) marks.resize(limit);
}

}  // namespace callbraid::collector
