#include "sensor/frame/capture_clock.h"

namespace callbraid::sensor {
namespace {

// One wrong time is an error, so many in a row are a clock that was set back.
constexpr int kBehindToBelieve = 64;
// After a longer pause the clock jumps: all that could end has ended by then.
constexpr int64_t kMaxTicks = 600;

}  // namespace

void CaptureClock::OnTimeBehind(int64_t capture_ns) {
  if (++behind_ < kBehindToBelieve) return;
  behind_ = 0;
  shift_ns_ = next_tick_ns_ - kTickNs - capture_ns;
}

void CaptureClock::RunTicks(int64_t capture_ns, TickFn on_tick) {
  behind_ = 0;
  const int64_t now_ns = capture_ns + shift_ns_;
  const int64_t last_tick_ns = now_ns - now_ns % kTickNs;
  // The first packet sets the clock.
  if (!begun_) next_tick_ns_ = last_tick_ns;
  begun_ = true;
  if (last_tick_ns - next_tick_ns_ > kMaxTicks * kTickNs) {
    next_tick_ns_ = last_tick_ns;
  }
  while (next_tick_ns_ <= last_tick_ns) {
    const int64_t tick_ns = next_tick_ns_;
    next_tick_ns_ += kTickNs;
    on_tick(tick_ns, tick_ns - shift_ns_);
  }
}

}  // namespace callbraid::sensor
