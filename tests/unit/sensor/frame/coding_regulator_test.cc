#include "sensor/frame/coding_regulator.h"

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

class CodingRegulatorTest : public ::testing::Test {
 protected:
  CodingEffort After(int seconds, double busy, int64_t waiting_s) {
    for (int i = 0; i < seconds; ++i) {
      now_ns_ += kSecond;
      regulator_.Note(now_ns_, busy, waiting_s * kSecond);
    }
    return regulator_.effort();
  }
  int64_t now_ns_ = 1000 * kSecond;
  CodingRegulator regulator_;
};

TEST_F(CodingRegulatorTest, IsFastAsARule) {
  EXPECT_EQ(regulator_.effort(), CodingEffort::kFast);
  EXPECT_EQ(After(1000, 0.02, 0), CodingEffort::kFast);
  EXPECT_EQ(After(1000, 0.6, 0), CodingEffort::kFast);
}

TEST_F(CodingRegulatorTest, LeavesTheCpuToTheCapture) {
  EXPECT_EQ(After(1, 0.8, 0), CodingEffort::kNone);
  // Without coding it is less, which is no reason to begin again.
  EXPECT_EQ(After(100, 0.4, 0), CodingEffort::kNone);
  EXPECT_EQ(After(1, 0.2, 0), CodingEffort::kFast);
}

TEST_F(CodingRegulatorTest, IsBestWhileTheUplinkIsBehindAndTheCpuIdle) {
  EXPECT_EQ(After(10, 0.05, 4), CodingEffort::kFast);
  EXPECT_EQ(After(1, 0.05, 6), CodingEffort::kBest);
  EXPECT_EQ(After(100, 0.5, 300), CodingEffort::kBest);
  EXPECT_EQ(After(60, 0.5, 0), CodingEffort::kBest);
  EXPECT_EQ(After(1, 0.5, 0), CodingEffort::kFast);
}

TEST_F(CodingRegulatorTest, IsNotBestWhereThatWouldTakeTheCpu) {
  EXPECT_EQ(After(100, 0.2, 300), CodingEffort::kFast);
}

TEST_F(CodingRegulatorTest, ReturnsToFastWhenBestTakesTooMuch) {
  EXPECT_EQ(After(1, 0.05, 60), CodingEffort::kBest);
  EXPECT_EQ(After(1, 0.75, 60), CodingEffort::kFast);
  // And does not go there again: more is going on now.
  EXPECT_EQ(After(100, 0.1, 60), CodingEffort::kFast);
}

}  // namespace
}  // namespace callbraid::sensor
