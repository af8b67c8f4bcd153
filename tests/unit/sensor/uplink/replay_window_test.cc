#include "sensor/uplink/replay_window.h"

#include "gtest/gtest.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr size_t kBatch = size_t{256} << 10;

class ReplayWindowTest : public ::testing::Test {
 protected:
  // Fills the window, and has all of it acknowledged after `delay_ns`.
  void Turn(int64_t delay_ns) {
    for (; window_.open(); ++last_) window_.OnSent(7, last_, kBatch, now_ns_);
    now_ns_ += delay_ns;
    window_.OnAcknowledged(7, last_ - 1, now_ns_);
  }

  ReplayWindow window_;
  int64_t now_ns_ = 1;
  uint64_t last_ = 1;
};

TEST_F(ReplayWindowTest, LetsOneBatchThroughAtFirst) {
  EXPECT_TRUE(window_.open());
  window_.OnSent(7, 1, kBatch, 1);
  EXPECT_FALSE(window_.open());
  window_.OnAcknowledged(8, 1, 2);
  window_.OnAcknowledged(7, 0, 2);
  EXPECT_FALSE(window_.open());
  window_.OnAcknowledged(7, 1, 2);
  EXPECT_TRUE(window_.open());
}

TEST_F(ReplayWindowTest, GrowsToItsLimitWhileAcksComeInTime) {
  for (int i = 0; i < 10; ++i) Turn(60 * kMs);
  EXPECT_EQ(window_.window_bytes(), ReplayWindow::kMostBytes);
}

TEST_F(ReplayWindowTest, ShrinksToABatchWhileTheyAreLate) {
  for (int i = 0; i < 10; ++i) Turn(60 * kMs);
  Turn(60 * kMs + ReplayWindow::kToleratedNs + 1);
  EXPECT_EQ(window_.window_bytes(), ReplayWindow::kMostBytes / 2);
  for (int i = 0; i < 10; ++i) Turn(900 * kMs);
  EXPECT_EQ(window_.window_bytes(), ReplayWindow::kLeastBytes);
  EXPECT_TRUE(window_.open());
}

}  // namespace
}  // namespace callbraid::sensor
