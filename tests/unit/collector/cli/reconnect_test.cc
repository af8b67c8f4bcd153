#include "collector/cli/reconnect.h"

#include "gtest/gtest.h"

namespace callbraid::cli {
namespace {

TEST(Reconnect, WaitsLongerEachTimeUpToHalfAMinute) {
  Reconnect reconnect;
  for (const int seconds : {0, 1, 2, 4, 8, 16, 30, 30}) {
    EXPECT_EQ(reconnect.NextWait(), absl::Seconds(seconds));
  }
  reconnect.Reset();
  EXPECT_EQ(reconnect.NextWait(), absl::ZeroDuration());
  EXPECT_EQ(reconnect.NextWait(), absl::Seconds(1));
}

TEST(Reconnect, IsForWhatMayPass) {
  EXPECT_TRUE(Reconnect::MayPass(absl::UnavailableError("")));
  EXPECT_TRUE(Reconnect::MayPass(absl::ResourceExhaustedError("")));
  EXPECT_FALSE(Reconnect::MayPass(absl::UnauthenticatedError("")));
  EXPECT_FALSE(Reconnect::MayPass(absl::InvalidArgumentError("")));
}

}  // namespace
}  // namespace callbraid::cli
