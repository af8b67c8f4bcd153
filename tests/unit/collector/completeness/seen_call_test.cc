#include "collector/completeness/seen_call.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

v1::Call Answered() {
  v1::Call call;
  call.set_id("a");
  call.set_caller_uri("sip:101@10.0.0.9");
  call.set_callee_uri("sip:102@10.0.0.9");
  call.set_state(v1::CALL_STATE_COMPLETED);
  call.mutable_start_time()->set_seconds(100);
  call.mutable_answer_time()->set_seconds(104);
  call.mutable_end_time()->set_seconds(164);
  v1::Stream& stream = *call.add_streams();
  stream.set_packets(3000);
  stream.mutable_start_time()->set_seconds(102);
  stream.mutable_end_time()->set_seconds(162);
  v1::LegObservation& sight = *call.add_legs()->add_observations();
  sight.set_site("berlin");
  return call;
}

const absl::Time kLater = absl::FromUnixSeconds(10'000);

TEST(SeenCall, CountsWhatWasRecordedOfTheTalk) {
  const SeenCall seen = Summarise(Answered(), kLater);
  EXPECT_EQ(seen.site, "berlin");
  EXPECT_TRUE(seen.answered);
  EXPECT_EQ(seen.talk, absl::Seconds(60));
  EXPECT_EQ(seen.recorded, absl::Seconds(58));
  EXPECT_EQ(seen.wholeness, v1::WHOLENESS_WHOLE);
}

TEST(SeenCall, GoesOnUntilNow) {
  v1::Call call = Answered();
  call.clear_end_time();
  call.set_state(v1::CALL_STATE_ACTIVE);
  const SeenCall seen = Summarise(call, absl::FromUnixSeconds(134));
  EXPECT_EQ(seen.talk, absl::Seconds(30));
  EXPECT_EQ(seen.end, absl::InfiniteFuture());
}

TEST(SeenCall, RecordedNothingOfSilence) {
  v1::Call call = Answered();
  call.mutable_streams(0)->set_packets(0);
  EXPECT_EQ(Summarise(call, kLater).recorded, absl::ZeroDuration());
}

TEST(SeenCall, IsNotAnsweredWhileItRings) {
  v1::Call call = Answered();
  call.clear_answer_time();
  call.set_state(v1::CALL_STATE_UNANSWERED);
  const SeenCall seen = Summarise(call, kLater);
  EXPECT_FALSE(seen.answered);
  EXPECT_EQ(seen.talk, absl::ZeroDuration());
}

TEST(SeenCall, TellsTheWorst) {
  v1::Call call = Answered();
  call.add_flags(v1::CALL_FLAG_CAPTURE_LOSS);
  EXPECT_EQ(Summarise(call, kLater).wholeness, v1::WHOLENESS_LOSSY);
  call.add_flags(v1::CALL_FLAG_ENCRYPTED);
  EXPECT_EQ(Summarise(call, kLater).wholeness, v1::WHOLENESS_ENCRYPTED);
  call.add_flags(v1::CALL_FLAG_NO_MEDIA);
  EXPECT_EQ(Summarise(call, kLater).wholeness, v1::WHOLENESS_NO_MEDIA);
}

TEST(SeenCall, IsNotWholeOnceItsMediaWereDeleted) {
  v1::Call call = Answered();
  call.add_flags(v1::CALL_FLAG_MEDIA_DELETED);
  EXPECT_EQ(Summarise(call, kLater).wholeness, v1::WHOLENESS_MEDIA_DELETED);
  call.add_flags(v1::CALL_FLAG_ONE_WAY);
  EXPECT_EQ(Summarise(call, kLater).wholeness, v1::WHOLENESS_MEDIA_DELETED);
}

TEST(SeenCall, HasThePartiesOfAllLegsOnce) {
  v1::Call call = Answered();
  call.mutable_legs(0)->set_caller_uri("sip:101@10.0.0.9");
  call.mutable_legs(0)->set_callee_uri("sip:102@10.0.0.7");
  v1::Leg& transfer = *call.add_legs();
  transfer.set_caller_uri("sip:102@10.0.0.9");
  transfer.set_callee_uri("sip:103@10.0.0.9");
  EXPECT_THAT(Summarise(call, kLater).parties,
              ElementsAre(Pair("101", "102"), Pair("102", "103")));
}

}  // namespace
}  // namespace callbraid::collector
