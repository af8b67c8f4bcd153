#include "collector/completeness/day_counts.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/collector/completeness/stored_calls.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kDay = 24 * 3600;

// "2026-11-27 berlin 3: 1=2 7=1".
std::vector<std::string> Rows(const v1::GetCompletenessResponse& found) {
  std::vector<std::string> rows;
  for (const v1::DayCompleteness& day : found.days()) {
    std::string row =
        day.date() + " " + day.site() + " " + std::to_string(day.answered());
    for (const v1::WholenessCount& count : day.counts()) {
      row += " " + std::to_string(count.wholeness()) + "=" +
             std::to_string(count.calls());
    }
    rows.push_back(row);
  }
  return rows;
}

class DayCountsTest : public testing::Test {
 protected:
  absl::StatusOr<v1::GetCompletenessResponse> Count(
      const v1::GetCompletenessRequest& request = {},
      const CountLimits& limits = {}, const Scope& scope = Scope::All()) {
    CallReader calls(store_.facts(), scope, clock_,
                     [this] { return awaited_; });
    return CountDays(request, limits, calls);
  }

  MemoryStore store_;
  // Six days after nine.
  fakes::FakeClock clock_{(kNineS + 6 * kDay) * 1'000'000'000};
  bool awaited_ = true;
};

TEST_F(DayCountsTest, CountsByDayAndSite) {
  StoreCall(store_, "a", 0, "101", "102");
  StoreCall(store_, "b", 60, "101", "102", "berlin", {v1::CALL_FLAG_NO_MEDIA});
  StoreCall(store_, "c", 60, "101", "102", "bonn");
  StoreCall(store_, "d", kDay, "101", "102");
  // Before the seven days.
  StoreCall(store_, "e", -2 * kDay, "101", "102");
  const auto found = Count();
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(Rows(*found),
              ElementsAre("2026-11-27 berlin 2 1=1 7=1",
                          "2026-11-27 bonn 1 1=1", "2026-11-28 berlin 1 1=1"));
  EXPECT_EQ(found->calls(), 4u);
  EXPECT_FALSE(found->truncated());
}

TEST_F(DayCountsTest, ADayIsThatOfTheZone) {
  StoreCall(store_, "a", 14 * 3600 + 1800, "101", "102");  // 23:30 UTC.
  v1::GetCompletenessRequest request;
  request.set_time_zone("Fixed/UTC+01:00:00");
  const auto found = Count(request);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(Rows(*found), ElementsAre("2026-11-28 berlin 1 1=1"));
}

TEST_F(DayCountsTest, CountsWhatTheScopeSees) {
  StoreCall(store_, "a", 0, "101", "102");
  StoreCall(store_, "b", 0, "103", "104", "bonn");
  v1::Scope scope;
  scope.add_sites("bonn");
  const auto found = Count({}, {}, *Scope::Parse(scope));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(Rows(*found), ElementsAre("2026-11-27 bonn 1 1=1"));
}

TEST_F(DayCountsTest, LeavesOutTheOldestOfTooManyAndSaysSo) {
  for (int i = 0; i < 5; ++i) {
    StoreCall(store_, std::to_string(i), i * kDay, "101", "102");
  }
  auto found = Count({}, {.calls = 3});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->calls(), 3u);
  EXPECT_TRUE(found->truncated());
  EXPECT_EQ(found->counted_from().seconds(), kNineS + 2 * kDay);
  EXPECT_EQ(found->days_size(), 3);

  found = Count({}, {.rows = 2});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_TRUE(found->truncated());
  EXPECT_EQ(found->days_size(), 2);
}

TEST_F(DayCountsTest, WorksForNobody) {
  awaited_ = false;
  EXPECT_TRUE(absl::IsCancelled(Count().status()));
}

TEST_F(DayCountsTest, SaysWhichFieldIsWrong) {
  v1::GetCompletenessRequest request;
  request.set_time_zone("Europe/../../etc/passwd");
  EXPECT_THAT(std::string(Count(request).status().message()),
              HasSubstr("time_zone: "));
  request.clear_time_zone();
  request.mutable_start_before()->set_nanos(-1);
  EXPECT_EQ(Count(request).status(),
            absl::InvalidArgumentError("start_before: not a valid time"));
}

}  // namespace
}  // namespace callbraid::collector
