#include "collector/statistics/intervals.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/store/call_counts.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error))
      << error;
  return time;
}

v1::CountCallsRequest Request(const std::string& from,
                              const std::string& before, int64_t seconds,
                              const std::string& zone = "") {
  v1::CountCallsRequest request;
  request.mutable_start_from()->set_seconds(absl::ToUnixSeconds(At(from)));
  request.mutable_start_before()->set_seconds(absl::ToUnixSeconds(At(before)));
  request.mutable_interval()->set_seconds(seconds);
  request.set_time_zone(zone);
  return request;
}

// Beginnings in UTC, and the end of the last.
std::vector<std::string> Divide(
    const v1::CountCallsRequest& request,
    const std::string& now = "2026-11-27T09:00:00Z") {
  const auto intervals = DivideTime(request, At(now));
  EXPECT_TRUE(intervals.ok()) << intervals.status();
  std::vector<std::string> times;
  if (!intervals.ok() || intervals->empty()) return times;
  const auto add = [&times](int64_t time_ns) {
    times.push_back(absl::FormatTime("%d. %H:%M", absl::FromUnixNanos(time_ns),
                                     absl::UTCTimeZone()));
  };
  for (size_t i = 0; i < intervals->size(); ++i) {
    const CountInterval& one = intervals->at(i);
    EXPECT_EQ(one.from_ns % kQuarterNs, 0);
    EXPECT_LT(one.from_ns, one.before_ns);
    if (i > 0) {
      EXPECT_EQ(one.from_ns, intervals->at(i - 1).before_ns);
    }
    add(one.from_ns);
  }
  add(intervals->back().before_ns);
  return times;
}

std::string Refusal(const v1::CountCallsRequest& request) {
  const auto intervals = DivideTime(request, At("2026-11-27T09:00:00Z"));
  EXPECT_TRUE(absl::IsInvalidArgument(intervals.status()));
  return std::string(intervals.status().message());
}

TEST(Intervals, AreSevenDaysUntilNowUnlessSaidOtherwise) {
  EXPECT_THAT(Divide(v1::CountCallsRequest(), "2026-11-27T09:01:00Z"),
              ElementsAre("20. 09:00", "21. 00:00", "22. 00:00", "23. 00:00",
                          "24. 00:00", "25. 00:00", "26. 00:00", "27. 00:00",
                          "27. 09:15"));
}

TEST(Intervals, TheTimeIsTakenToQuartersOfAnHour) {
  EXPECT_THAT(
      Divide(Request("2026-11-27T08:59:59Z", "2026-11-27T10:00:01Z", 3600)),
      ElementsAre("27. 08:45", "27. 09:00", "27. 10:00", "27. 10:15"));
  EXPECT_THAT(
      Divide(Request("2026-11-27T09:00:00Z", "2026-11-27T09:30:00Z", 900)),
      ElementsAre("27. 09:00", "27. 09:15", "27. 09:30"));
  EXPECT_THAT(
      Divide(Request("2026-11-27T09:00:00Z", "2026-11-27T09:00:00Z", 900)),
      IsEmpty());
}

TEST(Intervals, HoursBeginWhereTheZoneHasThem) {
  EXPECT_THAT(Divide(Request("2026-11-27T09:00:00Z", "2026-11-27T11:00:00Z",
                             3600, "Asia/Kathmandu")),
              ElementsAre("27. 09:00", "27. 09:15", "27. 10:15", "27. 11:00"));
}

TEST(Intervals, DaysAreThoseOfTheZoneAlsoWhenClocksAreSet) {
  EXPECT_THAT(Divide(Request("2026-10-24T00:00:00Z", "2026-10-27T00:00:00Z",
                             86'400, "Europe/Berlin")),
              ElementsAre("24. 00:00", "24. 22:00", "25. 23:00", "26. 23:00",
                          "27. 00:00"));
  // Six hours each, but for the last of a day of 25.
  EXPECT_THAT(Divide(Request("2026-10-24T22:00:00Z", "2026-10-26T05:00:00Z",
                             6 * 3600, "Europe/Berlin")),
              ElementsAre("24. 22:00", "25. 04:00", "25. 10:00", "25. 16:00",
                          "25. 22:00", "25. 23:00", "26. 05:00"));
}

TEST(Intervals, WeeksBeginOnMondays) {
  // The 1st was a Sunday.
  EXPECT_THAT(Divide(Request("2026-11-01T00:00:00Z", "2026-11-17T00:00:00Z",
                             7 * 86'400)),
              ElementsAre("01. 00:00", "02. 00:00", "09. 00:00", "16. 00:00",
                          "17. 00:00"));
}

TEST(Intervals, AMidnightThatThereIsNotDoesNotStopTime) {
  // Clocks went from 24:00 to 1:00.
  EXPECT_THAT(Divide(Request("2018-11-03T03:00:00Z", "2018-11-05T02:00:00Z",
                             86'400, "America/Sao_Paulo")),
              ElementsAre("03. 03:00", "04. 03:00", "05. 02:00"));
  // Back from 24:00 to 23:00.
  EXPECT_THAT(Divide(Request("2018-02-17T00:00:00Z", "2018-02-19T00:00:00Z",
                             86'400, "America/Sao_Paulo")),
              ElementsAre("17. 00:00", "17. 02:00", "18. 03:00", "19. 00:00"));
  // 44 minutes and a half behind UTC.
  EXPECT_THAT(Divide(Request("1971-01-01T00:00:00Z", "1971-01-01T03:00:00Z",
                             3600, "Africa/Monrovia")),
              SizeIs(5));
}

TEST(Intervals, SaysWhatItDoesNotDivideBy) {
  for (const int64_t seconds :
       {-900, 0, 1, 899, 5 * 3600, 25 * 3600, 367 * 86'400}) {
    EXPECT_THAT(Refusal(Request("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z",
                                seconds)),
                StartsWith("interval: must be "))
        << seconds;
  }
  EXPECT_THAT(
      Refusal(Request("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", 900)),
      StartsWith("interval: more than 1000 "));
  EXPECT_THAT(Refusal(Request("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z",
                              3600, "Mars/Olympus")),
              StartsWith("time_zone: "));
  v1::CountCallsRequest request;
  request.mutable_start_before()->set_seconds(1'000'000'000'000);
  EXPECT_THAT(Refusal(request), StartsWith("start_before: "));
}

}  // namespace
}  // namespace callbraid::collector
