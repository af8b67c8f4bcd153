#include "collector/timeline/marks.h"

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMs = 1'000'000;

TimelineMark Key(int64_t ms, const std::string& digit,
                 v1::Side side = v1::SIDE_CALLER) {
  TimelineMark mark;
  mark.time_ns = ms * kMs;
  mark.side = side;
  mark.what = digit;
  return mark;
}

std::string Keys(const std::vector<TimelineMark>& marks) {
  std::string keys;
  for (const TimelineMark& mark : marks) keys += mark.what;
  return keys;
}

TEST(Marks, TheSameKeysElsewhereAreNotToldAgain) {
  std::vector<TimelineMark> marks = {Key(0, "1"), Key(300, "1"), Key(600, "2")};
  Unite(marks, {Key(150, "1"), Key(450, "1"), Key(750, "2")});
  EXPECT_EQ(Keys(marks), "112");
}

TEST(Marks, WhatIsMissingIsAddedWhereItBelongs) {
  std::vector<TimelineMark> marks = {Key(0, "1"), Key(5000, "3")};
  Unite(marks, {Key(10, "1"), Key(2500, "2"), Key(5010, "3"), Key(9000, "4")});
  EXPECT_EQ(Keys(marks), "1234");
}

TEST(Marks, OneForOne) {
  std::vector<TimelineMark> marks = {Key(0, "1")};
  Unite(marks, {Key(100, "1"), Key(400, "1")});
  EXPECT_EQ(Keys(marks), "11");
}

TEST(Marks, AKeyHeldForLongMayBeToldWhenItIsReleased) {
  std::vector<TimelineMark> marks = {Key(0, "1")};
  marks[0].duration_ns = 4000 * kMs;
  Unite(marks, {Key(4100, "1")});
  EXPECT_EQ(Keys(marks), "1");
  TimelineMark held = Key(0, "1");
  held.duration_ns = 4000 * kMs;
  marks = {Key(4100, "1")};
  Unite(marks, {held});
  EXPECT_EQ(Keys(marks), "1");
}

TEST(Marks, KeepsTheFirstOfTooMany) {
  std::vector<TimelineMark> marks = {Key(100, "1"), Key(300, "3")};
  Unite(marks, {Key(200, "2"), Key(400, "4")}, 3);
  EXPECT_EQ(Keys(marks), "123");
}

TEST(Marks, TheOtherSideHasItsOwn) {
  std::vector<TimelineMark> marks = {Key(0, "1")};
  Unite(marks, {Key(0, "1", v1::SIDE_CALLEE)});
  EXPECT_EQ(marks.size(), 2u);
}

TEST(Marks, LaterThanASecondIsAnother) {
  std::vector<TimelineMark> marks = {Key(0, "1")};
  Unite(marks, {Key(1001, "1")});
  EXPECT_EQ(Keys(marks), "11");
  marks = {Key(2000, "1")};
  Unite(marks, {Key(999, "1")});
  EXPECT_EQ(Keys(marks), "11");
}

}  // namespace
}  // namespace callbraid::collector
