#ifndef CALLBRAID_SENSOR_FRAME_CAPTURE_CLOCK_H_
#define CALLBRAID_SENSOR_FRAME_CAPTURE_CLOCK_H_

#include <cstdint>

#include "absl/functional/function_ref.h"

namespace callbraid::sensor {

// The pipeline's clock: driven by the times of packets, so that a file gives
// the same as the live traffic gave, but never going back. Where the capture's
// clock is set back, this one goes on from where it was.
class CaptureClock {
 public:
  static constexpr int64_t kTickNs = 100'000'000;

  // Called at each tick with this clock and with the capture's.
  using TickFn = absl::FunctionRef<void(int64_t now_ns, int64_t capture_ns)>;

  // The capture has come to `capture_ns`: runs the ticks up to then.
  void Advance(int64_t capture_ns, TickFn on_tick) {
    if (capture_ns + shift_ns_ < next_tick_ns_ && begun_) {
      if (capture_ns + shift_ns_ < next_tick_ns_ - kMaxDisorderNs) {
        OnTimeBehind(capture_ns);
      } else {
        behind_ = 0;
      }
      return;
    }
    RunTicks(capture_ns, on_tick);
  }

 private:
  // Packets come out of order by less than this.
  static constexpr int64_t kMaxDisorderNs = int64_t{30} * 1'000'000'000;

  void OnTimeBehind(int64_t capture_ns);
  void RunTicks(int64_t capture_ns, TickFn on_tick);

  bool begun_ = false;
  // This clock less the capture's.
  int64_t shift_ns_ = 0;
  int64_t next_tick_ns_ = 0;
  // Times in a row that were far behind.
  int behind_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FRAME_CAPTURE_CLOCK_H_
