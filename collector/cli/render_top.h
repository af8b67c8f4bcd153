#ifndef CALLBRAID_COLLECTOR_CLI_RENDER_TOP_H_
#define CALLBRAID_COLLECTOR_CLI_RENDER_TOP_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "callbraid/v1/call.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "collector/cli/reconnect.h"

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
  // Why there is nothing newer; empty: this is how it is.
  std::string trouble = {};
};

// A screen of at most `rows` lines: trouble, a summary, a line for each sensor
// with what it captured since `before` (the sample before; may be empty), and
// the calls in progress as far as there is room.
std::string RenderTop(const TopSample& sample, const TopSample& before,
                      size_t rows, absl::TimeZone zone);

// What is shown second by second, while the collector answers and while it does
// not. One thread.
class TopView {
 public:
  // The screen after the collector was asked once more. What went wrong, if
  // that will not pass, or nothing was ever shown.
  absl::StatusOr<std::string> Show(absl::StatusOr<TopSample> asked, size_t rows,
                                   absl::TimeZone zone);
  // How long to wait before it is asked again.
  absl::Duration NextWait();

 private:
  // Of the last ten seconds, oldest first, without calls: sensors report every
  // few seconds, so what is new is told of that time.
  std::deque<TopSample> history_;
  std::optional<TopSample> last_;
  Reconnect reconnect_;
};

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_RENDER_TOP_H_
