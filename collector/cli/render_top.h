#ifndef CALLBRAID_COLLECTOR_CLI_RENDER_TOP_H_
#define CALLBRAID_COLLECTOR_CLI_RENDER_TOP_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "callbraid/v1/call.pb.h"
#include "callbraid/v1/sensor.pb.h"

namespace callbraid::cli {

// What goes on, as asked at `time`.
struct TopSample {
  absl::Time time;
  // In progress, newest first; at most as many as were asked for.
  std::vector<v1::Call> calls;
  bool more_calls = false;
  // That began in the last minute, whatever became of them; `many` if there are
  // more.
  size_t begun = 0;
  bool many_begun = false;
  // None if the caller may not see sensors.
  std::vector<v1::Sensor> sensors;
};

// A screen of at most `rows` lines: a summary, a line for each sensor with what
// it captured since `before` (the sample before; may be empty), and the calls
// in progress as far as there is room.
std::string RenderTop(const TopSample& sample, const TopSample& before,
                      size_t rows, absl::TimeZone zone);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_RENDER_TOP_H_
