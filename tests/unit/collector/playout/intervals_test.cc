#include "collector/playout/intervals.h"

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

TEST(Extend, ClosesSmallGapsOnly) {
  Intervals intervals;
  Extend(intervals, {0, 10}, 5, 100);
  Extend(intervals, {14, 20}, 5, 100);
  Extend(intervals, {25, 30}, 5, 100);
  EXPECT_EQ(intervals, (Intervals{{0, 20}, {25, 30}}));
}

TEST(Extend, IgnoresWhatIsEmptyOrKnown) {
  Intervals intervals;
  Extend(intervals, {5, 5}, 0, 100);
  EXPECT_TRUE(intervals.empty());
  Extend(intervals, {0, 10}, 0, 100);
  Extend(intervals, {3, 7}, 0, 100);
  EXPECT_EQ(intervals, (Intervals{{0, 10}}));
}

TEST(Extend, IsBounded) {
  Intervals intervals;
  for (int64_t i = 0; i < 100; ++i) {
    Extend(intervals, {10 * i, 10 * i + 1}, 0, 3);
  }
  EXPECT_EQ(intervals, (Intervals{{0, 1}, {10, 11}, {20, 991}}));
}

TEST(Subtract, LeavesWhatNobodyHas) {
  EXPECT_EQ(Subtract({{0, 100}}, {{20, 30}, {90, 200}}, 0),
            (Intervals{{0, 20}, {30, 90}}));
  EXPECT_EQ(Subtract({{0, 10}, {20, 30}}, {{5, 25}}, 0),
            (Intervals{{0, 5}, {25, 30}}));
  EXPECT_EQ(Subtract({{0, 10}}, {}, 0), (Intervals{{0, 10}}));
  EXPECT_EQ(Subtract({{3, 4}}, {{0, 10}}, 0), Intervals{});
}

TEST(Subtract, DropsShortPieces) {
  EXPECT_EQ(Subtract({{0, 100}}, {{5, 50}}, 10), (Intervals{{50, 100}}));
}

TEST(Union, JoinsWhatTouches) {
  EXPECT_EQ(Union({{0, 5}, {20, 30}}, {{5, 10}, {25, 26}, {40, 50}}),
            (Intervals{{0, 10}, {20, 30}, {40, 50}}));
}

}  // namespace
}  // namespace callbraid::collector
