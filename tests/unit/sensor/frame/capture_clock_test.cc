#include "sensor/frame/capture_clock.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kStart = 1'700'000'000 * kSecond;

class CaptureClockTest : public testing::Test {
 protected:
  void Advance(int64_t time_ns) {
    clock_.Advance(time_ns, [this](int64_t now_ns, int64_t capture_ns) {
      ticks_.emplace_back(now_ns, capture_ns);
    });
  }

  CaptureClock clock_;
  std::vector<std::pair<int64_t, int64_t>> ticks_;
};

TEST_F(CaptureClockTest, TicksTenTimesASecondAtRoundTimes) {
  Advance(kStart + 50 * kMs);
  EXPECT_EQ(ticks_.size(), 1u);
  Advance(kStart + 1049 * kMs);
  ASSERT_EQ(ticks_.size(), 11u);
  for (const auto& [now_ns, capture_ns] : ticks_) {
    EXPECT_EQ(now_ns % (100 * kMs), 0);
    EXPECT_EQ(now_ns, capture_ns);
  }
}

TEST_F(CaptureClockTest, TicksTheSameHoweverOftenItIsAsked) {
  Advance(kStart);
  Advance(kStart + 5 * kSecond);
  const auto once = std::exchange(ticks_, {});
  clock_ = CaptureClock();
  for (int64_t ms = 0; ms <= 5000; ++ms) Advance(kStart + ms * kMs);
  EXPECT_EQ(ticks_, once);
}

TEST_F(CaptureClockTest, NeverGoesBack) {
  Advance(kStart + kSecond);
  const size_t ticks = ticks_.size();
  Advance(kStart);
  Advance(kStart + 999 * kMs);
  EXPECT_EQ(ticks_.size(), ticks);
}

TEST_F(CaptureClockTest, JumpsOverLongPauses) {
  Advance(kStart);
  Advance(kStart + 86'400 * kSecond);
  EXPECT_EQ(ticks_.size(), 2u);
}

TEST_F(CaptureClockTest, GoesOnWhereTheCapturesClockWasSetBack) {
  Advance(kStart);
  for (int64_t i = 0; i < 200; ++i)
    Advance(kStart - 3600 * kSecond + i * 20 * kMs);
  ASSERT_GT(ticks_.size(), 20u);
  for (size_t i = 1; i < ticks_.size(); ++i) {
    EXPECT_EQ(ticks_[i].first - ticks_[i - 1].first, 100 * kMs);
  }
  EXPECT_LT(ticks_.back().second, kStart - 3590 * kSecond);
}

TEST_F(CaptureClockTest, IsNotSetBackByAFewWrongTimes) {
  Advance(kStart);
  for (int i = 0; i < 50; ++i) Advance(kStart - 3600 * kSecond);
  Advance(kStart + 100 * kMs);
  EXPECT_EQ(ticks_.back().second, kStart + 100 * kMs);
}

}  // namespace
}  // namespace callbraid::sensor
