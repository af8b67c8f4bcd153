#include "collector/playout/transit.h"

#include <algorithm>
#include <cstdint>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMs = 1'000'000;

// A packet every 20 ms, of 160 ticks.
class TransitTest : public testing::Test {
 protected:
  Transit::Measure Send(int64_t delay_ms = 0) {
    const auto measure =
        transit_.Add(time_ns_ + delay_ms * kMs, timestamp_, 8000, type_);
    EXPECT_TRUE(measure);
    time_ns_ += 20 * kMs;
    timestamp_ += 160;
    return *measure;
  }

  Transit transit_;
  int64_t time_ns_ = 1'700'000'000'000 * kMs;
  uint32_t timestamp_ = 0xffffff00;
  uint8_t type_ = 0;
};

TEST_F(TransitTest, SteadyIsWithoutJitter) {
  for (int i = 0; i < 100; ++i) {
    const auto measure = Send();
    EXPECT_EQ(measure.transit_ns, 0);
    EXPECT_EQ(measure.jitter_ns, 0);
    EXPECT_FALSE(measure.discarded);
  }
}

// RFC 3550, section 6.4.1: J += (|D| - J) / 16.
TEST_F(TransitTest, JitterIsSmoothedAsTheStandardSays) {
  Send();
  EXPECT_DOUBLE_EQ(Send(16).jitter_ns, 1.0 * kMs);
  EXPECT_DOUBLE_EQ(Send(16).jitter_ns, 15.0 / 16 * kMs);
}

TEST_F(TransitTest, DiscardsWhatIsLaterThanTheBuffer) {
  for (int i = 0; i < 50; ++i) Send();
  EXPECT_FALSE(Send(60).discarded);
  EXPECT_TRUE(Send(61).discarded);
  EXPECT_FALSE(Send().discarded);
}

// Of 200 ppm over ten minutes: 120 ms, twice the buffer.
TEST_F(TransitTest, FollowsDrift) {
  for (int i = 0; i < 30'000; ++i) {
    EXPECT_FALSE(Send().discarded) << i;
    time_ns_ += 4000;
  }
}

// A route that is longer by 100 ms: the buffer is empty, and begins anew.
TEST_F(TransitTest, FollowsAStepOfDelay) {
  for (int i = 0; i < 500; ++i) Send();
  for (int i = 0; i < Transit::kLateInARow; ++i) {
    EXPECT_TRUE(Send(100).discarded) << i;
  }
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(Send(100).discarded) << i;
}

// A phone that stood still, and then catches up with a part of it.
TEST_F(TransitTest, FollowsASenderThatStoodStill) {
  for (int i = 0; i < 500; ++i) Send();
  int late = 0;
  for (int i = 0; i < 1000; ++i)
    late += Send(std::max(900 - 16 * i, 700)).discarded;
  EXPECT_EQ(late, Transit::kLateInARow);
}

// One late packet in nine is no reason.
TEST_F(TransitTest, KeepsItsPlaceWhileSomeAreInTime) {
  for (int i = 0; i < 500; ++i) Send();
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(Send(i % 10 == 0 ? 0 : 100).discarded, i % 10 != 0) << i;
  }
}

TEST_F(TransitTest, AJumpOfTheTimestampIsNoDelay) {
  for (int i = 0; i < 50; ++i) Send();
  timestamp_ += 80'000;
  EXPECT_FALSE(Send().discarded);
  time_ns_ += 60'000 * kMs;
  const auto measure = Send();
  EXPECT_FALSE(measure.discarded);
  EXPECT_EQ(measure.jitter_ns, 0);
}

TEST_F(TransitTest, SaysNothingOfWhatHasNoTime) {
  EXPECT_FALSE(transit_.Add(5, 100, 0, 0));
  EXPECT_TRUE(transit_.Add(5, 100, 8000, 0));
  EXPECT_FALSE(transit_.Add(7, 100, 8000, 0));
}

// Comfort noise, and what follows it.
TEST_F(TransitTest, JitterIsWithinOnePayloadType) {
  for (int i = 0; i < 50; ++i) Send();
  type_ = 13;
  EXPECT_EQ(Send(10).jitter_ns, 0);
  type_ = 0;
  EXPECT_EQ(Send().jitter_ns, 0);
  EXPECT_GT(Send(10).jitter_ns, 0);
}

TEST_F(TransitTest, AnotherClockIsNoDelay) {
  for (int i = 0; i < 50; ++i) Send(i % 2);
  const auto measure = transit_.Add(time_ns_, 77, 48'000, 9);
  ASSERT_TRUE(measure);
  EXPECT_FALSE(measure->discarded);
}

}  // namespace
}  // namespace callbraid::collector
