#include "collector/statistics/count_calls.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/collector/completeness/stored_calls.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Scope ScopeOf(const std::vector<std::string>& sites,
              const std::vector<std::string>& numbers) {
  v1::Scope scope;
  scope.mutable_sites()->Assign(sites.begin(), sites.end());
  scope.mutable_numbers()->Assign(numbers.begin(), numbers.end());
  return *Scope::Parse(scope);
}

class CountCallsTest : public testing::Test {
 protected:
  CountCallsTest() {
    request_.mutable_start_from()->set_seconds(kNineS);
    request_.mutable_start_before()->set_seconds(kNineS + 7200);
    request_.mutable_interval()->set_seconds(3600);
  }

  absl::StatusOr<v1::CountCallsResponse> Ask(const Scope& scope = Scope::All(),
                                             CountedRowLimits limits = {}) {
    CallReader calls(store_.facts(), scope, clock_,
                     [this] { return is_awaited_; });
    return CountCalls(request_, limits, scope, store_.facts(), calls);
  }
  // "site calls" of each interval.
  std::vector<std::string> Rows(const Scope& scope = Scope::All()) {
    const auto response = Ask(scope);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<std::string> rows;
    if (!response.ok()) return rows;
    for (const v1::CallInterval& interval : response->intervals()) {
      std::string& row = rows.emplace_back();
      for (const v1::CallCounts& counts : interval.counts()) {
        absl::StrAppend(&row, counts.site(), ":", counts.calls(), " ");
      }
    }
    return rows;
  }

  fakes::FakeClock clock_{(kNineS + 9000) * 1'000'000'000};
  MemoryStore store_;
  v1::CountCallsRequest request_;
  bool is_awaited_ = true;
};

TEST_F(CountCallsTest, CountsByIntervalWhetherOrNotThereAreCalls) {
  StoreCall(store_, "a", 0, "101", "102");
  StoreCall(store_, "b", 3599, "101", "102", "bonn");
  StoreCall(store_, "before", -1, "101", "102");
  StoreCall(store_, "behind", 7200, "101", "102");
  EXPECT_THAT(Rows(), ElementsAre(":2 ", ""));
  const auto response = Ask();
  EXPECT_EQ(response->intervals(1).start_time().seconds(), kNineS + 3600);
  EXPECT_EQ(response->intervals(1).end_time().seconds(), kNineS + 7200);
}

TEST_F(CountCallsTest, CountsEachSiteByItself) {
  StoreCall(store_, "a", 0, "101", "102", "berlin");
  StoreCall(store_, "b", 900, "101", "102", "bonn");
  StoreCall(store_, "c", 1800, "101", "102", "bonn");
  StoreCall(store_, "d", 3600, "101", "102", "");
  request_.set_by_site(true);
  EXPECT_THAT(Rows(), ElementsAre("berlin:1 bonn:2 ", ":1 "));
  request_.set_site("bonn");
  EXPECT_THAT(Rows(), ElementsAre("bonn:2 ", ""));
  request_.set_by_site(false);
  EXPECT_THAT(Rows(), ElementsAre("bonn:2 ", ""));
}

TEST_F(CountCallsTest, TellsStatesFlagsTalkAndHowItCouldBeHeard) {
  StoreCall(store_, "a", 0, "101", "102", "berlin", {v1::CALL_FLAG_ONE_WAY});
  CallChange change;
  for (const double mos : {4.4, 4.0, 4.05}) {
    v1::Call& call = *change.records.emplace_back().mutable_call();
    call.set_id(ObservationId::Of(absl::StrCat(mos)).ToHex());
    call.set_state(v1::CALL_STATE_UNANSWERED);
    call.mutable_start_time()->set_seconds(kNineS);
    call.set_listening_mos(mos);
  }
  ASSERT_TRUE(store_.facts().ApplyCalls(change).ok());
  const v1::CallCounts counts = Ask()->intervals(0).counts(0);
  EXPECT_EQ(counts.calls(), 4u);
  EXPECT_EQ(counts.answered(), 1u);
  EXPECT_EQ(counts.talk().seconds(), 60);
  ASSERT_EQ(counts.states_size(), 2);
  EXPECT_EQ(counts.states(0).state(), v1::CALL_STATE_COMPLETED);
  EXPECT_EQ(counts.states(0).calls(), 1u);
  EXPECT_EQ(counts.states(1).state(), v1::CALL_STATE_UNANSWERED);
  EXPECT_EQ(counts.states(1).calls(), 3u);
  ASSERT_EQ(counts.flags_size(), 1);
  EXPECT_EQ(counts.flags(0).flag(), v1::CALL_FLAG_ONE_WAY);
  ASSERT_EQ(counts.mos_size(), 2);
  EXPECT_DOUBLE_EQ(counts.mos(0).from(), 4.0);
  EXPECT_EQ(counts.mos(0).calls(), 2u);
  EXPECT_DOUBLE_EQ(counts.mos(1).from(), 4.4);
  EXPECT_DOUBLE_EQ(counts.mean_mos(), 4.15);
}

TEST_F(CountCallsTest, WhoeverSeesSomeSitesGetsThoseOnly) {
  StoreCall(store_, "a", 0, "101", "102", "berlin");
  v1::Call both = StoreCall(store_, "b", 0, "101", "102", "berlin");
  both.mutable_legs(0)->add_observations()->set_site("bonn");
  CallChange change;
  *change.records.emplace_back().mutable_call() = both;
  ASSERT_TRUE(store_.facts().ApplyCalls(change).ok());
  StoreCall(store_, "c", 3600, "101", "102", "bonn");
  // Of the call that bonn saw as well, berlin saw more.
  EXPECT_THAT(Rows(ScopeOf({"bonn"}, {})), ElementsAre("", ":1 "));
  request_.set_by_site(true);
  EXPECT_THAT(Rows(ScopeOf({"berlin"}, {})), ElementsAre("berlin:2 ", ""));
  request_.set_site("berlin");
  EXPECT_THAT(Rows(ScopeOf({"bonn"}, {})), ElementsAre("", ""));
}

TEST_F(CountCallsTest, ForWhoeverSeesSomeNumbersCallsAreLookedAt) {
  StoreCall(store_, "a", 0, "101", "102", "berlin");
  StoreCall(store_, "b", 900, "101", "103", "bonn");
  StoreCall(store_, "c", 3600, "104", "105", "bonn");
  EXPECT_THAT(Rows(ScopeOf({}, {"101"})), ElementsAre(":2 ", ""));
  EXPECT_THAT(Rows(ScopeOf({"bonn"}, {"101"})), ElementsAre(":1 ", ""));
}

TEST_F(CountCallsTest, RefusesWhatWouldBeTooMuch) {
  StoreCall(store_, "a", 0, "101", "102", "berlin");
  StoreCall(store_, "b", 0, "101", "102", "bonn");
  request_.set_by_site(true);
  EXPECT_TRUE(Ask(Scope::All(), {.rows = 2}).ok());
  for (const Scope& scope : {Scope::All(), ScopeOf({}, {"101"})}) {
    const absl::Status status = Ask(scope, {.rows = 1}).status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_THAT(status.message(), HasSubstr("more than 1 counts"));
  }
}

TEST_F(CountCallsTest, EndsWhenNobodyWaits) {
  is_awaited_ = false;
  EXPECT_TRUE(absl::IsCancelled(Ask().status()));
  EXPECT_TRUE(absl::IsCancelled(Ask(ScopeOf({}, {"101"})).status()));
}

}  // namespace
}  // namespace callbraid::collector
