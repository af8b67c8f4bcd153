#include "collector/completeness/reconcile.h"

#include <random>

#include "collector/completeness/call_finder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNine = absl::FromUnixSeconds(1795770000);

CdrRow Row(int second, std::string caller, std::string callee, int talk = 60) {
  CdrRow row;
  row.caller = std::move(caller);
  row.callee = std::move(callee);
  row.start = kNine + absl::Seconds(second);
  row.answered = talk > 0;
  row.talk = absl::Seconds(talk);
  return row;
}

SeenCall Call(std::string id, int second, std::string caller,
              std::string callee, int talk = 60) {
  SeenCall call;
  call.id = std::move(id);
  call.start = kNine + absl::Seconds(second);
  call.answered = talk > 0;
  call.talk = call.recorded = absl::Seconds(talk);
  call.end = call.start + absl::Seconds(talk + 5);
  call.parties = {{std::move(caller), std::move(callee)}};
  return call;
}

Reconciliation Found(const std::vector<CdrRow>& rows,
                     const std::vector<SeenCall>& calls,
                     const ReconcileOptions& options = {}) {
  auto found = Reconcile(rows, calls, options);
  EXPECT_TRUE(found.ok()) << found.status();
  return found.ok() ? *std::move(found) : Reconciliation();
}

// The id of the call of each row; "-" for none.
std::vector<std::string> Ids(const Reconciliation& found) {
  std::vector<std::string> ids;
  for (const Reconciled& one : found.rows) {
    ids.push_back(one.call == nullptr ? "-" : one.call->id);
  }
  return ids;
}

std::vector<std::string> Extra(const Reconciliation& found) {
  std::vector<std::string> ids;
  for (const SeenCall* call : found.extra) ids.push_back(call->id);
  return ids;
}

TEST(Reconcile, FindsTheCallOfEachRow) {
  const std::vector<CdrRow> rows = {Row(0, "101", "102"), Row(50, "103", "104"),
                                    Row(60, "101", "102")};
  const std::vector<SeenCall> calls = {Call("a", 2, "101", "102"),
                                       Call("b", 61, "101", "102"),
                                       Call("c", 40, "105", "106")};
  const Reconciliation found = Found(rows, calls);
  EXPECT_THAT(Ids(found), ElementsAre("a", "-", "b"));
  EXPECT_THAT(Extra(found), ElementsAre("c"));
}

// Five seconds apart, as people dial again; the rows are a second late.
TEST(Reconcile, TellsTriesFromEachOther) {
  std::vector<CdrRow> rows;
  std::vector<SeenCall> calls;
  std::vector<std::string> ids;
  for (int i = 0; i < 8; ++i) {
    const int talk = i == 7 ? 30 : 0;
    rows.push_back(Row(5 * i + 1, "101", "102", talk));
    calls.push_back(Call(std::string(1, 'a' + i), 5 * i, "101", "102", talk));
    ids.push_back(calls.back().id);
  }
  std::mt19937 random(1);
  for (int order = 0; order < 20; ++order) {
    std::shuffle(calls.begin(), calls.end(), random);
    EXPECT_EQ(Ids(Found(rows, calls)), ids);
  }
}

// An answered call is no unanswered row's, however near.
TEST(Reconcile, PrefersWhatWasAnsweredAlike) {
  const std::vector<CdrRow> rows = {Row(1, "101", "102", 60)};
  const std::vector<SeenCall> calls = {Call("tried", 1, "101", "102", 0),
                                       Call("talked", 6, "101", "102", 60)};
  EXPECT_THAT(Ids(Found(rows, calls)), ElementsAre("talked"));
}

TEST(Reconcile, KeepsToTheTolerance) {
  const std::vector<CdrRow> rows = {Row(0, "101", "102")};
  const std::vector<SeenCall> calls = {Call("a", 11, "101", "102")};
  EXPECT_THAT(Ids(Found(rows, calls)), ElementsAre("-"));
  EXPECT_THAT(Ids(Found(rows, calls, {.tolerance = absl::Seconds(11)})),
              ElementsAre("a"));
}

// The PBX writes a row for the consultation and one for the transfer.
TEST(Reconcile, FindsTheLegsOfACall) {
  std::vector<SeenCall> calls = {Call("a", 0, "101", "102", 300)};
  calls[0].parties.emplace_back("102", "103");
  const std::vector<CdrRow> rows = {Row(1, "101", "102", 290),
                                    Row(200, "102", "103", 90),
                                    Row(400, "102", "103", 5)};
  const Reconciliation found = Found(rows, calls);
  EXPECT_THAT(Ids(found), ElementsAre("a", "a", "-"));
}

// To a busy number somebody is always talking.
TEST(Reconcile, TakesNoCallOfAnothersForThatOfAnUnknownNumber) {
  const std::vector<SeenCall> calls = {Call("a", 0, "101", "102", 300),
                                       Call("b", 0, "", "105", 300)};
  EXPECT_THAT(
      Ids(Found({Row(0, "101", "102", 300), Row(60, "", "102")}, calls)),
      ElementsAre("a", "-"));
  EXPECT_THAT(Ids(Found({Row(60, "103", "105"), Row(70, "", "105")}, calls)),
              ElementsAre("-", "-"));
}

TEST(Reconcile, FindsNoLegAfterTheEnd) {
  std::vector<SeenCall> calls = {Call("a", 0, "101", "102", 60)};
  calls[0].parties.emplace_back("102", "103");
  const std::vector<CdrRow> rows = {Row(0, "101", "102"), Row(65, "102", "103"),
                                    Row(66, "102", "103")};
  EXPECT_THAT(Ids(Found(rows, calls)), ElementsAre("a", "a", "-"));
}

// They were cut off, or a third one called: a row of its own.
TEST(Reconcile, TakesACallForOneRowBetweenItsParties) {
  const std::vector<SeenCall> calls = {Call("a", 0, "101", "102", 60)};
  EXPECT_THAT(Ids(Found({Row(0, "101", "102", 60), Row(63, "101", "102"),
                         Row(64, "+4930101", "102")},
                        calls)),
              ElementsAre("a", "-", "-"));
  // A clock that is off by more than the tolerance.
  EXPECT_THAT(Ids(Found({Row(20, "101", "102"), Row(40, "101", "102")}, calls)),
              ElementsAre("a", "-"));
}

TEST(Reconcile, TellsWhatIsShorter) {
  std::vector<SeenCall> calls = {Call("a", 0, "101", "102", 60),
                                 Call("b", 100, "101", "102", 60),
                                 Call("c", 200, "101", "102", 60)};
  calls[0].recorded = absl::Seconds(58);
  calls[1].recorded = absl::Seconds(57);
  const std::vector<CdrRow> rows = {
      Row(0, "101", "102"), Row(100, "101", "102"), Row(200, "101", "102")};
  const Reconciliation found = Found(rows, calls);
  EXPECT_FALSE(found.rows[0].is_short);
  EXPECT_TRUE(found.rows[1].is_short);
  EXPECT_FALSE(found.rows[2].is_short);
}

TEST(Reconcile, LeavesOutOfTheExtraWhatTheFileDoesNotCover) {
  std::vector<SeenCall> calls = {
      Call("before", -60, "1001", "1002"), Call("unanswered", 30, "1", "2", 0),
      Call("media only", 40, "", ""), Call("after", 200, "1001", "1002")};
  calls[2].has_signalling = false;
  calls[2].parties.clear();
  const std::vector<CdrRow> rows = {Row(0, "101", "102"),
                                    Row(100, "101", "102")};
  EXPECT_THAT(Extra(Found(rows, calls)), IsEmpty());
}

// A hot line: everybody calls one number.
TEST(Reconcile, TellsManyCallsToOneNumberApart) {
  std::vector<CdrRow> rows;
  std::vector<SeenCall> calls;
  for (int i = 0; i < 20'000; ++i) {
    const std::string caller = "030" + std::to_string(100'000 + i);
    rows.push_back(Row(i / 10, caller, "0800123"));
    // The trunk leaves out the zero.
    calls.push_back(
        Call(std::to_string(i), i / 10, caller.substr(1), "800123"));
  }
  const Reconciliation found = Found(rows, calls);
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_NE(found.rows[i].call, nullptr) << i;
    ASSERT_EQ(found.rows[i].call->id, std::to_string(i));
  }
  EXPECT_THAT(Extra(found), IsEmpty());
}

TEST(Reconcile, FindsCallsOfWhoIsNotKnown) {
  const std::vector<CdrRow> rows = {Row(0, "", "102"), Row(60, "101", ""),
                                    Row(120, "", "")};
  const std::vector<SeenCall> calls = {Call("a", 0, "", "102"),
                                       Call("b", 60, "101", "103"),
                                       Call("c", 120, "101", "102")};
  EXPECT_THAT(Ids(Found(rows, calls)), ElementsAre("a", "b", "-"));
}

TEST(Reconcile, RefusesWhatWouldTakeForEver) {
  const std::vector<CdrRow> rows(2000, Row(0, "101", "102"));
  std::vector<SeenCall> calls;
  for (int i = 0; i < 2000; ++i) {
    calls.push_back(Call(std::to_string(i), 0, "101", "102"));
  }
  EXPECT_TRUE(absl::IsFailedPrecondition(Reconcile(rows, calls, {}).status()));
}

TEST(MayBeOneNumber, ComparesHowPbxsWriteThem) {
  EXPECT_TRUE(MayBeOneNumber("+49301234567", "0301234567"));
  EXPECT_TRUE(MayBeOneNumber("0049301234567", "+49301234567"));
  EXPECT_TRUE(MayBeOneNumber("90301234567", "301234567"));
  EXPECT_TRUE(MayBeOneNumber("101", "+4930555101"));
  EXPECT_TRUE(MayBeOneNumber("", "101"));
  EXPECT_TRUE(MayBeOneNumber("ann", "ann"));
  EXPECT_FALSE(MayBeOneNumber("101", "102"));
  EXPECT_FALSE(MayBeOneNumber("01", "101"));
  EXPECT_FALSE(MayBeOneNumber("ann", "joann"));
  EXPECT_FALSE(MayBeOneNumber("000", "123"));
}

std::vector<CdrRow> Shifted(const std::vector<SeenCall>& calls, int seconds) {
  std::vector<CdrRow> rows;
  for (const SeenCall& call : calls) {
    rows.push_back(Row(0, call.parties[0].first, call.parties[0].second));
    rows.back().start = call.start + absl::Seconds(seconds);
  }
  return rows;
}

TEST(FindShift, TellsAnotherTimeZone) {
  std::vector<SeenCall> calls;
  for (int i = 0; i < 20; ++i) {
    calls.push_back(Call(std::to_string(i), 70 * i, std::to_string(200 + i % 3),
                         std::to_string(300 + i)));
  }
  EXPECT_EQ(FindShift(Shifted(calls, 7200), calls), absl::Seconds(-7200));
  EXPECT_EQ(FindShift(Shifted(calls, -45), calls), absl::Seconds(45));
}

TEST(FindShift, AsksSomeOfManyRows) {
  std::vector<SeenCall> calls;
  for (int i = 0; i < 1200; ++i) {
    calls.push_back(
        Call(std::to_string(i), 7 * i, "200", std::to_string(10'000 + i)));
  }
  EXPECT_EQ(FindShift(Shifted(calls, 3600), calls), absl::Seconds(-3600));
}

TEST(FindShift, SaysNothingWithoutAMajority) {
  std::vector<SeenCall> calls;
  for (int i = 0; i < 20; ++i) {
    calls.push_back(
        Call(std::to_string(i), 70 * i * i, "200", std::to_string(300 + i)));
  }
  std::vector<CdrRow> rows;
  for (int i = 0; i < 20; ++i) {
    rows.push_back(Row(1000 * i, "200", std::to_string(300 + i)));
  }
  EXPECT_EQ(FindShift(rows, calls), std::nullopt);
  EXPECT_EQ(FindShift({}, {}), std::nullopt);
}

}  // namespace
}  // namespace callbraid::collector
