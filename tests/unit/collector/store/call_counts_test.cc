#include "collector/store/call_counts.h"

#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kSecond = 1'000'000'000;

v1::Call Answered() {
  v1::Call call;
  call.set_state(v1::CALL_STATE_COMPLETED);
  call.mutable_start_time()->set_seconds(1000);
  call.mutable_answer_time()->set_seconds(1010);
  call.mutable_end_time()->set_seconds(1025);
  call.mutable_end_time()->set_nanos(500'000'000);
  return call;
}

TEST(CallCounts, AQuarterBeginsAtOrBeforeItsTimes) {
  EXPECT_EQ(QuarterOf(0), 0);
  EXPECT_EQ(QuarterOf(899 * kSecond), 0);
  EXPECT_EQ(QuarterOf(900 * kSecond), kQuarterNs);
  EXPECT_EQ(QuarterOf(-1), -kQuarterNs);
  EXPECT_EQ(QuarterOf(-kQuarterNs), -kQuarterNs);
  constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();
  EXPECT_LT(QuarterOf(kFirst) - kFirst, kQuarterNs);
}

TEST(CallCounts, ACallCountsWhereItWasSeenFirst) {
  v1::Call call = Answered();
  EXPECT_EQ(CountedAs(call), (CallCountKey{kQuarterNs, ""}));
  call.add_streams()->add_observations()->set_site("bonn");
  EXPECT_EQ(CountedAs(call).site, "bonn");
  v1::Leg& leg = *call.add_legs();
  leg.add_observations()->set_site("berlin");
  leg.add_observations()->set_site("paris");
  EXPECT_EQ(CountedAs(call).site, "berlin");
}

TEST(CallCounts, CountsStateAndFlagsOnce) {
  v1::Call call = Answered();
  for (const v1::CallFlag flag :
       {v1::CALL_FLAG_ONE_WAY, v1::CALL_FLAG_ONE_WAY,
        v1::CALL_FLAG_CAPTURE_LOSS, v1::CALL_FLAG_MEDIA_DELETED}) {
    call.add_flags(flag);
  }
  const store::v1::CallCounts counts = CountsOf(call);
  EXPECT_EQ(counts.calls(), 1);
  EXPECT_EQ(counts.answered(), 1);
  EXPECT_EQ(counts.talk_ms(), 15'500);
  EXPECT_THAT(counts.states(), ElementsAre(0, 0, 0, 0, 1));
  // Whether media were deleted is known only on reading.
  EXPECT_THAT(counts.flags(), ElementsAre(0, 0, 1, 0, 0, 0, 1));
}

TEST(CallCounts, WhatAnotherVersionKnowsIsNotCounted) {
  v1::Call call;
  call.set_state(static_cast<v1::CallState>(99));
  call.add_flags(static_cast<v1::CallFlag>(99));
  call.add_flags(static_cast<v1::CallFlag>(-1));
  EXPECT_EQ(CountsOf(call).ShortDebugString(), "calls: 1");
}

TEST(CallCounts, TalkIsCountedWhenItIsOver) {
  v1::Call call = Answered();
  call.set_state(v1::CALL_STATE_ACTIVE);
  call.clear_end_time();
  EXPECT_EQ(CountsOf(call).answered(), 1);
  EXPECT_EQ(CountsOf(call).talk_ms(), 0);
  // Media without signalling.
  call = Answered();
  call.clear_answer_time();
  EXPECT_EQ(CountsOf(call).talk_ms(), 25'500);
  // Whatever clocks say.
  call.mutable_end_time()->set_seconds(1);
  EXPECT_EQ(CountsOf(call).talk_ms(), 0);
  call.set_state(v1::CALL_STATE_UNANSWERED);
  EXPECT_EQ(CountsOf(call).answered(), 0);
}

TEST(CallCounts, AMosCountsInTheTenthThatItIsIn) {
  const auto step = [](double mos) {
    v1::Call call;
    call.set_listening_mos(mos);
    const store::v1::CallCounts counts = CountsOf(call);
    return counts.mos_size() - 1;
  };
  EXPECT_EQ(step(1), 0);
  EXPECT_EQ(step(1.099), 0);
  EXPECT_EQ(step(4.1), 31);
  EXPECT_EQ(step(4.3), 33);
  EXPECT_EQ(step(4.409), 34);
  EXPECT_EQ(step(5), kMosSteps - 1);
  EXPECT_EQ(step(0.9), -1);
  EXPECT_EQ(step(5.1), -1);
  EXPECT_EQ(step(std::numeric_limits<double>::quiet_NaN()), -1);
}

TEST(CallCounts, TakenOffNothingIsLeft) {
  v1::Call call = Answered();
  call.add_flags(v1::CALL_FLAG_UNKNOWN_CODEC);
  call.set_listening_mos(4.2);
  store::v1::CallCounts sum;
  AddCounts(CountsOf(call), 1, sum);
  AddCounts(CountsOf(call), 1, sum);
  EXPECT_EQ(sum.calls(), 2);
  EXPECT_EQ(sum.mos_sum(), 8400);
  AddCounts(CountsOf(call), -1, sum);
  EXPECT_EQ(sum.SerializeAsString(), CountsOf(call).SerializeAsString());
  AddCounts(CountsOf(call), -1, sum);
  EXPECT_TRUE(IsEmpty(sum)) << sum.ShortDebugString();
}

}  // namespace
}  // namespace callbraid::collector
