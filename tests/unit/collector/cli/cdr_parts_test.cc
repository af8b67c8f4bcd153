#include "collector/cli/cdr_parts.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

// Each part, with the number of its first record.
std::vector<std::pair<std::string, uint64_t>> Split(
    std::string_view text, const CdrPartLimits& limits) {
  const CdrRecords records = ReadCdr(text);
  const auto parts = SplitCdr(records, limits);
  EXPECT_TRUE(parts.ok()) << parts.status();
  std::vector<std::pair<std::string, uint64_t>> split;
  if (!parts.ok()) return split;
  for (const CdrPart& part : *parts) {
    split.emplace_back(TextOf(nullptr, part),
                       part.empty() ? 0 : part.front().number);
  }
  return split;
}

TEST(SplitCdr, KeepsTogetherWhatFits) {
  EXPECT_THAT(Split("a\nb\n", {}), ElementsAre(Pair("a\nb\n", 1)));
  EXPECT_THAT(Split("\xef\xbb\xbf"
                    "a",
                    {}),
              ElementsAre(Pair("a\n", 1)));
  EXPECT_THAT(Split("", {}), ElementsAre(Pair("", 0)));
}

TEST(SplitCdr, SplitsBetweenRecordsOnly) {
  const std::string text = "t\n\"a\nb\",1\r\n\nc,\"\"\"\n\"\nd";
  EXPECT_THAT(
      Split(text, {.records = 2}),
      ElementsAre(Pair("t\n\"a\nb\",1\r\n", 1), Pair("c,\"\"\"\n\"\nd\n", 3)));
  EXPECT_THAT(Split(text, {.records = 1}),
              ElementsAre(Pair("t\n", 1), Pair("\"a\nb\",1\r\n", 2),
                          Pair("c,\"\"\"\n\"\n", 3), Pair("d\n", 4)));
}

TEST(SplitCdr, LeavesRoomForTitles) {
  const CdrRecords records = ReadCdr("tt\naa\nbb\ncc\n");
  const auto parts = SplitCdr(records, {.bytes = 10});
  ASSERT_TRUE(parts.ok()) << parts.status();
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ(TextOf(nullptr, (*parts)[0]), "tt\naa\n");
  EXPECT_EQ(TextOf(&records[0], (*parts)[1]), "tt\nbb\ncc\n");
}

TEST(SplitCdr, RefusesARecordThatIsTooLong) {
  EXPECT_TRUE(absl::IsInvalidArgument(
      SplitCdr(ReadCdr("t\n" + std::string(100, 'x') + "\n"), {.bytes = 50})
          .status()));
}

TEST(SortByStart, KeepsTitlesAndWhatHasNoStartInPlace) {
  CdrRecords records = ReadCdr("titles\nc\ntypes\na\nb\n");
  v1::ReconcileCallsResponse found;
  found.set_has_titles(true);
  for (const auto& [number, start] :
       {std::pair(2, 9), std::pair(4, 5), std::pair(5, 7)}) {
    v1::ReconciledRecord& record = *found.add_records();
    record.set_record(number);
    record.mutable_start()->set_seconds(start);
  }
  SortByStart(found, records);
  EXPECT_EQ(TextOf(nullptr, records), "titles\na\nb\nc\ntypes\n");
  EXPECT_EQ(records[1].number, 4u);
}

v1::ReconcileCallsResponse Part(int64_t first, int64_t last) {
  v1::ReconcileCallsResponse part;
  part.set_layout("Asterisk");
  part.mutable_first_start()->set_seconds(first);
  part.mutable_last_start()->set_seconds(last);
  return part;
}

TEST(AddPart, AddsUp) {
  v1::ReconcileCallsResponse a = Part(100, 200);
  a.set_answered(3);
  a.set_missing(1);
  v1::WholenessCount& count = *a.add_counts();
  count.set_wholeness(v1::WHOLENESS_WHOLE);
  count.set_calls(2);
  v1::ReconcileCallsResponse b = a;
  b.mutable_first_start()->set_seconds(50);
  b.mutable_last_start()->set_seconds(150);
  b.set_unread(1);
  b.set_first_unread(4);
  b.mutable_shift()->set_seconds(3600);
  b.add_records()->set_record(2);
  v1::ReconcileCallsResponse whole;
  const CdrRecords records = ReadCdr("t\n1\n2\n3\n4\n5\n6\n7\n8\n9\n");
  EXPECT_TRUE(AddPart(nullptr, CdrPart(records).first(5), a, whole));
  // Some of it began before.
  EXPECT_FALSE(AddPart(&records[0], CdrPart(records).subspan(5), b, whole));
  EXPECT_EQ(whole.answered(), 6u);
  EXPECT_EQ(whole.missing(), 2u);
  ASSERT_EQ(whole.counts_size(), 1);
  EXPECT_EQ(whole.counts(0).calls(), 4u);
  EXPECT_EQ(whole.first_unread(), 8u);
  EXPECT_EQ(whole.first_start().seconds(), 50);
  EXPECT_EQ(whole.last_start().seconds(), 200);
  EXPECT_EQ(whole.shift().seconds(), 3600);
  EXPECT_EQ(whole.records(0).record(), 6u);
}

// The legs of a call may have records in the part behind.
TEST(FinishParts, FindsExtraCallsInOtherParts) {
  v1::ReconcileCallsResponse a = Part(0, 10);
  a.set_extra(3);
  for (const char* id : {"long", "none", "both"}) {
    a.add_extra_calls()->set_call_id(id);
  }
  v1::ReconcileCallsResponse b = Part(5, 20);
  b.set_extra(1);
  b.add_extra_calls()->set_call_id("both");
  v1::ReconciledRecord& record = *b.add_records();
  record.set_record(1);
  record.set_call_id("long");
  v1::ReconcileCallsResponse whole;
  const CdrRecords records = ReadCdr("1\n2\n");
  AddPart(nullptr, CdrPart(records).first(1), a, whole);
  AddPart(nullptr, CdrPart(records).last(1), b, whole);
  FinishParts(whole);
  EXPECT_EQ(whole.extra(), 2u);
  ASSERT_EQ(whole.extra_calls_size(), 2);
  EXPECT_EQ(whole.extra_calls(0).call_id(), "none");
  EXPECT_EQ(whole.extra_calls(1).call_id(), "both");
}

}  // namespace
}  // namespace callbraid::cli
