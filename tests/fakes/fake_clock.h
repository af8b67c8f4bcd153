#ifndef CALLBRAID_TESTS_FAKES_FAKE_CLOCK_H_
#define CALLBRAID_TESTS_FAKES_FAKE_CLOCK_H_

#include <atomic>
#include <cstdint>

#include "common/base/clock.h"

namespace callbraid::fakes {

// Stands still until told. Thread-safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(int64_t wall_ns = 1'700'000'000'000'000'000)
      : wall_ns_(wall_ns) {}

  int64_t WallNs() const override { return wall_ns_; }
  int64_t MonotonicNs() const override { return monotonic_ns_; }

  void Advance(int64_t ns) {
    wall_ns_ += ns;
    monotonic_ns_ += ns;
  }
  // As when an administrator sets the clock.
  void StepWall(int64_t ns) { wall_ns_ += ns; }

 private:
  std::atomic<int64_t> wall_ns_;
  std::atomic<int64_t> monotonic_ns_ = 1'000'000'000;
};

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_FAKE_CLOCK_H_
