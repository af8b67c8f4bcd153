#include "collector/completeness/cdr_report.h"

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

constexpr char kTitles[] = "start,src,dst,answer,billsec\n";

std::string Record(int second, const std::string& caller,
                   const std::string& callee, int talk = 60) {
  const int64_t start = kNineS + second;
  return absl::StrCat(start, ",", caller, ",", callee, ",",
                      talk > 0 ? absl::StrCat(start) : "", ",", talk, "\n");
}

class CdrReportTest : public testing::Test {
 protected:
  absl::StatusOr<v1::ReconcileCallsResponse> Reconcile(
      const std::string& records, const CdrLimits& limits = {},
      const Scope& scope = Scope::All()) {
    request_.set_cdr(kTitles + records);
    CallReader calls(store_.facts(), scope, clock_, [] { return true; });
    return ReconcileCdr(request_, limits, calls);
  }

  // "2 missing", in the order of the response.
  static std::vector<std::string> Told(
      const v1::ReconcileCallsResponse& found) {
    std::vector<std::string> told;
    for (const v1::ReconciledRecord& record : found.records()) {
      told.push_back(absl::StrCat(record.record(), " ",
                                  record.call_id().empty()
                                      ? "missing"
                                      : v1::Wholeness_Name(record.wholeness()),
                                  record.shorter() ? " shorter" : ""));
    }
    return told;
  }

  v1::ReconcileCallsRequest request_;
  MemoryStore store_;
  fakes::FakeClock clock_{(kNineS + 3600) * 1'000'000'000};
};

TEST_F(CdrReportTest, TellsTheWorstFirst) {
  StoreCall(store_, "whole", 0, "101", "102");
  StoreCall(store_, "deaf", 100, "101", "103", "berlin",
            {v1::CALL_FLAG_ONE_WAY});
  StoreCall(store_, "lossy", 200, "101", "104", "berlin",
            {v1::CALL_FLAG_CAPTURE_LOSS});
  const v1::Call extra = StoreCall(store_, "extra", 250, "101", "999");
  StoreCall(store_, "short", 300, "101", "105");
  const auto found = Reconcile(
      Record(0, "101", "102") + Record(100, "101", "103") +
      Record(200, "101", "104") + Record(300, "101", "105", 90) +
      Record(400, "101", "106") + Record(410, "101", "107", 0) + "never,1,2\n");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(Told(*found),
              ElementsAre("6 missing", "3 WHOLENESS_ONE_WAY",
                          "4 WHOLENESS_LOSSY", "5 WHOLENESS_WHOLE shorter",
                          "2 WHOLENESS_WHOLE", "7 missing"));
  EXPECT_EQ(found->layout(), "with titles");
  EXPECT_TRUE(found->has_titles());
  EXPECT_EQ(found->answered(), 5u);
  EXPECT_EQ(found->missing(), 1u);
  EXPECT_EQ(found->shorter(), 1u);
  EXPECT_EQ(found->counts_size(), 3);
  EXPECT_EQ(found->unanswered(), 1u);
  EXPECT_EQ(found->unanswered_seen(), 0u);
  EXPECT_EQ(found->unread(), 1u);
  EXPECT_EQ(found->first_unread(), 8u);
  EXPECT_EQ(found->first_start().seconds(), kNineS);
  EXPECT_EQ(found->last_start().seconds(), kNineS + 410);
  ASSERT_EQ(found->extra_calls_size(), 1);
  EXPECT_EQ(found->extra_calls(0).call_id(), extra.id());
  EXPECT_EQ(found->extra_calls(0).callee(), "999");
  EXPECT_FALSE(found->has_shift());
}

// The sensor lost the 200, say.
TEST_F(CdrReportTest, TellsOfNoMediaWhereNobodySawTheAnswer) {
  v1::Call call = StoreCall(store_, "rang", 0, "101", "102");
  call.clear_answer_time();
  call.set_state(v1::CALL_STATE_UNANSWERED);
  CallChange change;
  store::v1::CallRecord& record = change.records.emplace_back();
  record.add_members(std::string(ObservationId::Of("rang").bytes()));
  *record.mutable_call() = call;
  ASSERT_TRUE(store_.facts().ApplyCalls(change).ok());
  const auto found =
      Reconcile(Record(0, "101", "102", 60) + Record(0, "101", "103", 0));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(Told(*found),
              ElementsAre("2 WHOLENESS_NO_MEDIA shorter", "3 missing"));
  ASSERT_EQ(found->counts_size(), 1);
  EXPECT_EQ(found->counts(0).wholeness(), v1::WHOLENESS_NO_MEDIA);
}

TEST_F(CdrReportTest, CountsAllAndTellsAsManyAsItMay) {
  for (int i = 0; i < 5; ++i) {
    StoreCall(store_, absl::StrCat("other", i), i, "555", "666");
  }
  std::string records;
  for (int i = 0; i < 5; ++i) records += Record(i, "101", "102");
  const auto found = Reconcile(records, {.records = 2, .extra = 3});
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->missing(), 5u);
  EXPECT_EQ(found->records_size(), 2);
  EXPECT_EQ(found->extra(), 5u);
  EXPECT_EQ(found->extra_calls_size(), 3);
}

TEST_F(CdrReportTest, FindsNothingOutOfScope) {
  StoreCall(store_, "a", 0, "101", "102", "bonn");
  v1::Scope berlin;
  berlin.add_sites("berlin");
  const auto found =
      Reconcile(Record(0, "101", "102"), {}, *Scope::Parse(berlin));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->missing(), 1u);
}

TEST_F(CdrReportTest, TellsAnotherTimeZone) {
  std::string records;
  for (int i = 0; i < 5; ++i) {
    const std::string callee = absl::StrCat(200 + i);
    StoreCall(store_, callee, 7 * i * i, "101", callee);
    records += Record(7 * i * i + 7200, "101", callee);
  }
  const auto found = Reconcile(records);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->missing(), 5u);
  EXPECT_EQ(found->shift().seconds(), -7200);
}

TEST_F(CdrReportTest, RefusesMoreCallsThanItCompares) {
  for (int i = 0; i < 5; ++i) {
    StoreCall(store_, absl::StrCat(i), i, "101", "102");
  }
  for (const CdrLimits& limits :
       {CdrLimits{.calls = 4}, CdrLimits{.parties = 4}}) {
    const auto found = Reconcile(Record(0, "101", "102"), limits);
    EXPECT_TRUE(absl::IsFailedPrecondition(found.status())) << found.status();
  }
}

TEST_F(CdrReportTest, SaysWhichFieldIsWrong) {
  const auto refusal = [this] {
    const auto found = Reconcile(Record(0, "101", "102"));
    EXPECT_TRUE(absl::IsInvalidArgument(found.status())) << found.status();
    return std::string(found.status().message());
  };
  request_.mutable_tolerance()->set_seconds(3601);
  EXPECT_EQ(refusal(), "tolerance: must be from 0 to 1h");
  request_.Clear();
  request_.mutable_slack()->set_nanos(-1);
  EXPECT_EQ(refusal(), "slack: must be from 0 to 24h");
  request_.Clear();
  request_.set_time_zone("Atlantis");
  EXPECT_THAT(refusal(), HasSubstr("time_zone: "));
  request_.Clear();
  request_.set_columns(std::string(1001, 'x'));
  EXPECT_THAT(refusal(), HasSubstr("columns: longer"));
}

}  // namespace
}  // namespace callbraid::collector
