#include "collector/cli/render_top.h"

#include <algorithm>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNine = absl::FromUnixSeconds(1795770000);

v1::Call Talking(int number) {
  v1::Call call;
  call.set_id("0123456789abcdef");
  call.set_caller(std::to_string(100 + number));
  call.set_callee("200");
  call.set_state(v1::CALL_STATE_ACTIVE);
  call.mutable_start_time()->set_seconds(1795769930);
  call.mutable_answer_time()->set_seconds(1795769940);
  call.add_sensors("s1");
  return call;
}

v1::Sensor Sensor(int64_t report_s, uint64_t packets, uint64_t drops) {
  v1::Sensor sensor;
  sensor.set_id("s1");
  sensor.set_site("berlin");
  sensor.set_connected(true);
  v1::CaptureReport& report = *sensor.add_capture_points()->mutable_report();
  report.set_time_ns(report_s * 1'000'000'000);
  report.set_packets(packets);
  report.set_kernel_drops(drops);
  return sensor;
}

size_t Lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

TEST(RenderTop, ShowsWhatGoesOn) {
  TopSample sample;
  sample.time = kNine;
  sample.calls = {Talking(1)};
  sample.begun = 3;
  sample.sensors = {Sensor(1000, 50'000, 7)};
  const std::string screen = RenderTop(sample, {}, 50, absl::UTCTimeZone());
  EXPECT_THAT(screen, HasSubstr("2026-11-27 09:00:00 UTC   1 call in progress: "
                                "1 talking, 0 ringing, 0 setting up; 3 began"));
  EXPECT_THAT(screen, HasSubstr("08:58:50"));
  EXPECT_THAT(screen, HasSubstr("1:00"));
  EXPECT_THAT(screen, HasSubstr("berlin"));
}

// By the times of the reports: the samples may be of the same report.
TEST(RenderTop, TellsRatesFromTwoReports) {
  TopSample before;
  before.time = kNine;
  before.sensors = {Sensor(1000, 50'000, 7)};
  TopSample sample = before;
  EXPECT_THAT(RenderTop(sample, before, 50, absl::UTCTimeZone()),
              Not(HasSubstr(" k ")));
  sample.sensors = {Sensor(1010, 75'000, 9)};
  const std::string screen = RenderTop(sample, before, 50, absl::UTCTimeZone());
  EXPECT_THAT(screen, HasSubstr("2.5 k      9          2"));
  // A sensor that began anew counts from nothing.
  sample.sensors = {Sensor(1020, 10, 0)};
  EXPECT_THAT(RenderTop(sample, before, 50, absl::UTCTimeZone()),
              HasSubstr("-      0          -"));
}

TEST(RenderTop, FitsTheScreen) {
  TopSample sample;
  sample.time = kNine;
  for (int i = 0; i < 100; ++i) {
    sample.calls.push_back(Talking(i));
    sample.sensors.push_back(Sensor(1000, 5, 0));
  }
  for (const size_t rows : {0, 1, 2, 3, 5, 8, 13, 24, 50, 300}) {
    const std::string screen = RenderTop(sample, {}, rows, absl::UTCTimeZone());
    EXPECT_LE(Lines(screen), rows);
    EXPECT_GE(Lines(screen) + 1, std::min<size_t>(rows, 206)) << rows;
  }
  EXPECT_THAT(RenderTop(sample, {}, 24, absl::UTCTimeZone()), HasSubstr("104"));
}

TEST(RenderTop, ShowsNoSensorsToWhoMayNotSeeThem) {
  TopSample sample;
  sample.time = kNine;
  const std::string screen = RenderTop(sample, {}, 50, absl::UTCTimeZone());
  EXPECT_THAT(screen, HasSubstr("no calls in progress"));
  EXPECT_THAT(screen, Not(HasSubstr("SENSOR")));
}

TopSample OneCall() {
  TopSample sample;
  sample.time = kNine;
  sample.calls = {Talking(1)};
  sample.sensors = {Sensor(1000, 50'000, 7)};
  return sample;
}

// A restart, or too much to do.
TEST(TopView, GoesOnWhenWhatIsWrongHasPassed) {
  TopView view;
  const auto show = [&view](absl::StatusOr<TopSample> asked) {
    return view.Show(std::move(asked), 50, absl::UTCTimeZone());
  };
  const auto first = show(OneCall());
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(view.NextWait(), absl::Seconds(1));
  for (const absl::Status& passes :
       {absl::UnavailableError("the collector stops"),
        absl::ResourceExhaustedError("too many\nrequests")}) {
    const auto waiting = show(passes);
    ASSERT_TRUE(waiting.ok()) << waiting.status();
    EXPECT_THAT(*waiting, testing::StartsWith("Trying again: "));
    // What was there is there, and when that was.
    EXPECT_THAT(*waiting, HasSubstr(*first));
    EXPECT_EQ(Lines(*waiting), Lines(*first) + 1);
  }
  EXPECT_EQ(view.NextWait(), absl::Seconds(1));
  EXPECT_EQ(view.NextWait(), absl::Seconds(1));
  EXPECT_EQ(view.NextWait(), absl::Seconds(2));
  TopSample later = OneCall();
  later.time += absl::Seconds(10);
  later.sensors = {Sensor(1010, 75'000, 9)};
  const auto back = show(later);
  ASSERT_TRUE(back.ok());
  EXPECT_THAT(*back, testing::StartsWith("2026-11-27 09:00:10"));
  EXPECT_THAT(*back, HasSubstr("2.5 k      9          2"));
  EXPECT_EQ(view.NextWait(), absl::Seconds(1));
}

TEST(TopView, EndsWithWhatWillNotPass) {
  TopView view;
  const auto show = [&view](absl::StatusOr<TopSample> asked) {
    return view.Show(std::move(asked), 50, absl::UTCTimeZone()).status();
  };
  // A wrong address, perhaps.
  EXPECT_TRUE(absl::IsUnavailable(show(absl::UnavailableError("no route"))));
  EXPECT_TRUE(show(OneCall()).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(
      show(absl::UnauthenticatedError("the token was revoked"))));
}

}  // namespace
}  // namespace callbraid::cli
