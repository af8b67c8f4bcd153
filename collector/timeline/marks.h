#ifndef CALLBRAID_COLLECTOR_TIMELINE_MARKS_H_
#define CALLBRAID_COLLECTOR_TIMELINE_MARKS_H_

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

// Adds to `marks` those of `more` that are not there yet: the same thing, done
// by the same side, within a second. One for one: a key pressed twice is two
// marks in both. Both by time; `marks` stays so.
//
// `marks` come from where they are seen best, `more` from elsewhere: the next
// leg, a relayed stream, SIP beside RTP.
void Unite(std::vector<TimelineMark>& marks, std::vector<TimelineMark> more);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_MARKS_H_
