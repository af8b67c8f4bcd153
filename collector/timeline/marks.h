#ifndef CALLBRAID_COLLECTOR_TIMELINE_MARKS_H_
#define CALLBRAID_COLLECTOR_TIMELINE_MARKS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "callbraid/v1/timeline.pb.h"

namespace callbraid::collector {

// An event of the timeline before it is written up.
struct TimelineMark {
  // On the call's clock.
  int64_t time_ns = 0;
  std::optional<int64_t> duration_ns;
  v1::Side side = v1::SIDE_UNSPECIFIED;
  // What is equal wherever the same thing is seen: the digit, "hold"...
  std::string what;
  v1::TimelineEvent event;
};

// More than is told of one call.
inline constexpr size_t kMaxMarks = 10'001;

// Adds to `marks` those of `more` that are not there yet: the same thing, done
// by the same side, from a second before the one began to a second after it
// ended. One for one: a key pressed twice is two marks in both. Both by time;
// `marks` stays so, and keeps the first `limit`.
//
// `marks` come from where they are seen best, `more` from elsewhere: the next
// leg, a relayed stream, SIP beside RTP.
void Unite(std::vector<TimelineMark>& marks, std::vector<TimelineMark> more,
           size_t limit = kMaxMarks);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_MARKS_H_
