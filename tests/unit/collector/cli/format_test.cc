#include "collector/cli/format.h"

#include <string>

#include "gtest/gtest.h"

namespace callbraid::cli {
namespace {

const absl::TimeZone kZone = absl::FixedTimeZone(3600);

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error))
      << error;
  return time;
}

TEST(Format, SaysLengths) {
  EXPECT_EQ(Length(absl::Seconds(8)), "0:08");
  EXPECT_EQ(Length(absl::Seconds(3723)), "1:02:03");
  EXPECT_EQ(ExactLength(absl::Milliseconds(8050)), "8.1 s");
  EXPECT_EQ(ExactLength(absl::Seconds(75)), "1:15");
}

TEST(Format, SaysCounts) {
  EXPECT_EQ(Count(7), "7");
  EXPECT_EQ(Count(1234567), "1,234,567");
  EXPECT_EQ(Counted(1, "packet"), "1 packet");
  EXPECT_EQ(Counted(0, "packet"), "0 packets");
  EXPECT_EQ(Bytes(512), "512 B");
  EXPECT_EQ(Bytes(1536), "1.5 KiB");
}

TEST(Format, NeverRoundsLossToNone) {
  EXPECT_EQ(Percent(0, 100), "0.0 %");
  EXPECT_EQ(Percent(1, 100'000), "<0.1 %");
  EXPECT_EQ(Percent(5, 100), "5.0 %");
  EXPECT_EQ(Percent(0, 0), "-");
}

TEST(Format, TimestampsSurviveTheWayToTimeAndBack) {
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(1'700'000'000);
  timestamp.set_nanos(123'456'789);
  EXPECT_EQ(FromTime(ToTime(timestamp)).nanos(), 123'456'789);
  EXPECT_EQ(FromTime(ToTime(timestamp)).seconds(), 1'700'000'000);
}

TEST(TalkTime, RunsFromTheAnswerToTheEndOrNow) {
  v1::Call call;
  call.set_state(v1::CALL_STATE_ACTIVE);
  *call.mutable_start_time() = FromTime(At("2026-11-23T09:00:00Z"));
  *call.mutable_answer_time() = FromTime(At("2026-11-23T09:00:05Z"));
  const absl::Time now = At("2026-11-23T09:00:15Z");
  EXPECT_EQ(TalkTime(call, now), absl::Seconds(10));
  *call.mutable_end_time() = FromTime(At("2026-11-23T09:00:08Z"));
  EXPECT_EQ(TalkTime(call, now), absl::Seconds(3));
}

TEST(TalkTime, IsZeroWithoutAnAnswer) {
  v1::Call call;
  call.set_state(v1::CALL_STATE_UNANSWERED);
  *call.mutable_start_time() = FromTime(At("2026-11-23T09:00:00Z"));
  *call.mutable_end_time() = FromTime(At("2026-11-23T09:00:08Z"));
  EXPECT_EQ(TalkTime(call, At("2026-11-23T09:01:00Z")), absl::ZeroDuration());
}

TEST(ParseTimeArgument, UnderstandsWhatPeopleWrite) {
  const absl::Time now = At("2026-11-23T10:30:00+01:00");
  const auto parse = [now](const char* text) {
    const auto time = ParseTimeArgument(text, now, kZone);
    EXPECT_TRUE(time.ok()) << text;
    return time.value_or(absl::InfinitePast());
  };
  EXPECT_EQ(parse("now"), now);
  EXPECT_EQ(parse("today"), At("2026-11-23T00:00:00+01:00"));
  EXPECT_EQ(parse("yesterday"), At("2026-11-22T00:00:00+01:00"));
  EXPECT_EQ(parse("90m"), At("2026-11-23T09:00:00+01:00"));
  EXPECT_EQ(parse("3d"), At("2026-11-20T10:30:00+01:00"));
  EXPECT_EQ(parse("2026-11-01"), At("2026-11-01T00:00:00+01:00"));
  EXPECT_EQ(parse("2026-11-01 08:15"), At("2026-11-01T08:15:00+01:00"));
  EXPECT_EQ(parse("2026-11-01 08:15:30.5"), At("2026-11-01T08:15:30.5+01:00"));
  EXPECT_EQ(parse("08:15"), At("2026-11-23T08:15:00+01:00"));
  EXPECT_EQ(parse("2026-11-01T08:15:30Z"), At("2026-11-01T08:15:30Z"));
}

TEST(ParseTimeArgument, SaysWhatItWouldUnderstand) {
  for (const char* text : {"", "soon", "2026-13-01", "25:00", "-1h"}) {
    const auto time = ParseTimeArgument(text, absl::UnixEpoch(), kZone);
    ASSERT_FALSE(time.ok()) << text;
    EXPECT_NE(std::string(time.status().message()).find("2026-11-23 09:21"),
              std::string::npos);
  }
}

TEST(ParseState, SuggestsTheNearest) {
  EXPECT_EQ(*ParseState("ringing"), v1::CALL_STATE_RINGING);
  const auto state = ParseState("complete");
  ASSERT_FALSE(state.ok());
  EXPECT_NE(
      std::string(state.status().message()).find("did you mean completed"),
      std::string::npos);
}

TEST(ToJson, PrintsEveryPrimitiveFieldInLowerCamelCase) {
  v1::Hop hop;
  hop.set_from_sensor("s1");
  EXPECT_EQ(ToJson(hop),
            R"({"fromSensor":"s1","toSensor":"","packets":0,"lost":0,)"
            R"("missedNear":0,"fromCapturePoint":"","toCapturePoint":"",)"
            R"("networkLost":0,"delaySamples":0,"duplicated":0,)"
            R"("reordered":0})");
}

}  // namespace
}  // namespace callbraid::cli
