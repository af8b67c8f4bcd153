#ifndef CALLBRAID_COMMON_BASE_CLOCK_H_
#define CALLBRAID_COMMON_BASE_CLOCK_H_

#include <cstdint>

namespace callbraid {

// The wall clock and a monotonic one, in ns. Nothing else reads the time, so
// tests can own it. Implementations are thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Since the Unix epoch; may jump.
  virtual int64_t WallNs() const = 0;
  // Since some point in the past; never goes back.
  virtual int64_t MonotonicNs() const = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  int64_t WallNs() const override;
  int64_t MonotonicNs() const override;
};

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_BASE_CLOCK_H_
