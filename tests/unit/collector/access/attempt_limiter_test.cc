#include "collector/access/attempt_limiter.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(AttemptLimiter, GivesSoManyAMinuteToEach) {
  fakes::FakeClock clock;
  AttemptLimiter limiter(3, 10, clock);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.Take("a"));
  EXPECT_TRUE(limiter.Exhausted("a"));
  EXPECT_FALSE(limiter.Take("a"));
  EXPECT_FALSE(limiter.Exhausted("b"));
  clock.Advance(20 * kSecond);
  EXPECT_FALSE(limiter.Exhausted("a"));
  EXPECT_TRUE(limiter.Take("a"));
  EXPECT_FALSE(limiter.Take("a"));
}

TEST(AttemptLimiter, SavesUpForAMinuteAtMost) {
  fakes::FakeClock clock;
  AttemptLimiter limiter(3, 10, clock);
  EXPECT_TRUE(limiter.Take("a"));
  clock.Advance(3600 * kSecond);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(limiter.Take("a"));
  EXPECT_FALSE(limiter.Take("a"));
}

TEST(AttemptLimiter, IsNoLongerThanItsBound) {
  fakes::FakeClock clock;
  AttemptLimiter limiter(1, 100, clock);
  EXPECT_TRUE(limiter.Take("first"));
  for (int i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(limiter.Take(std::to_string(i)));
    // Used all the time: others go.
    if (i == 50) {
      EXPECT_FALSE(limiter.Take("first"));
    }
  }
  EXPECT_EQ(limiter.evictions(), 10'001u - 100u);
  EXPECT_FALSE(limiter.Take("9999"));
  EXPECT_TRUE(limiter.Take("first")) << "forgotten";
}

TEST(AttemptLimiter, DoesNotCareForTheWallClock) {
  fakes::FakeClock clock;
  AttemptLimiter limiter(1, 10, clock);
  EXPECT_TRUE(limiter.Take("a"));
  clock.StepWall(3600 * kSecond);
  EXPECT_FALSE(limiter.Take("a"));
}

}  // namespace
}  // namespace callbraid::collector
