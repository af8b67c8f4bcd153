#include "collector/cli/cdr_parts.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

std::vector<std::pair<std::string, uint64_t>> Split(
    std::string_view text, const CdrPartLimits& limits) {
  const auto parts = SplitCdr(text, limits);
  EXPECT_TRUE(parts.ok()) << parts.status();
  std::vector<std::pair<std::string, uint64_t>> split;
  if (!parts.ok()) return split;
  for (const CdrPart& part : *parts) {
    split.emplace_back(std::string(part.text), part.records_before);
  }
  return split;
}

TEST(SplitCdr, KeepsTogetherWhatFits) {
  EXPECT_THAT(Split("a\nb\n", {}), ElementsAre(Pair("a\nb\n", 0)));
  EXPECT_THAT(Split("", {}), ElementsAre(Pair("", 0)));
}

TEST(SplitCdr, SplitsBetweenRecordsOnly) {
  const std::string text = "t\n\"a\nb\",1\r\n\nc,\"\"\"\n\"\nd";
  EXPECT_THAT(
      Split(text, {.records = 2}),
      ElementsAre(Pair("t\n\"a\nb\",1\r\n", 0), Pair("\nc,\"\"\"\n\"\nd", 2)));
  EXPECT_THAT(Split(text, {.records = 1}),
              ElementsAre(Pair("t\n", 0), Pair("\"a\nb\",1\r\n", 1),
                          Pair("\nc,\"\"\"\n\"\n", 2), Pair("d", 3)));
}

TEST(SplitCdr, LeavesRoomForTitles) {
  EXPECT_THAT(Split("tt\naa\nbb\ncc\n", {.bytes = 9}),
              ElementsAre(Pair("tt\naa\n", 0), Pair("bb\ncc\n", 2)));
  EXPECT_EQ(FirstRecord("tt\naa\n"), "tt\n");
}

TEST(SplitCdr, RefusesARecordThatIsTooLong) {
  EXPECT_TRUE(absl::IsInvalidArgument(
      SplitCdr("t\n" + std::string(100, 'x') + "\n", {.bytes = 50}).status()));
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
  AddPart(a, 0, whole);
  AddPart(b, 10, whole);
  EXPECT_EQ(whole.answered(), 6u);
  EXPECT_EQ(whole.missing(), 2u);
  ASSERT_EQ(whole.counts_size(), 1);
  EXPECT_EQ(whole.counts(0).calls(), 4u);
  EXPECT_EQ(whole.first_unread(), 14u);
  EXPECT_EQ(whole.first_start().seconds(), 50);
  EXPECT_EQ(whole.last_start().seconds(), 200);
  EXPECT_EQ(whole.shift().seconds(), 3600);
  EXPECT_EQ(whole.records(0).record(), 12u);
}

// PBXs write a record when its call ends: one that began before those of this
// part may stand in the next one.
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
  AddPart(a, 0, whole);
  AddPart(b, 7, whole);
  FinishParts(whole);
  EXPECT_EQ(whole.extra(), 2u);
  ASSERT_EQ(whole.extra_calls_size(), 2);
  EXPECT_EQ(whole.extra_calls(0).call_id(), "none");
  EXPECT_EQ(whole.extra_calls(1).call_id(), "both");
}

}  // namespace
}  // namespace callbraid::cli
