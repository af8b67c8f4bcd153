#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/doctor/make_facts.h"

namespace callbraid::collector {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A call with one stream each way, of 500 packets with so many copies.
CallFacts CallWithCopies(uint32_t there, uint32_t back) {
  CallFacts call = MakeCall("c", "10.0.0.11", "10.0.0.12");
  AddStream("10.0.0.11", "10.0.0.12", 1, call)
      .mutable_observations(0)
      ->set_mirror_copies(there);
  AddStream("10.0.0.12", "10.0.0.11", 2, call)
      .mutable_observations(0)
      ->set_mirror_copies(back);
  return call;
}

Facts FactsOf(uint64_t packets, uint64_t copies,
              const std::vector<CallFacts>& calls) {
  PointFacts point = MakePoint();
  point.window.set_packets(packets);
  point.window.set_mirror_copies(copies);
  Facts facts = MakeFacts(point);
  facts.calls = calls;
  return facts;
}

TEST(JudgeCopies, SeesThatEverythingComesTwice) {
  const Verdicts verdicts =
      JudgeCopies(FactsOf(2000, 1000, {CallWithCopies(500, 499)}));
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_EVERYTHING_TWICE));
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_WARNING);
  EXPECT_THAT(verdicts[0].text(), HasSubstr("1,000 of 2,000 frames (50.0 %)"));
  EXPECT_EQ(EvidenceOf(verdicts[0], "share of all frames"), 50);
  EXPECT_EQ(EvidenceOf(verdicts[0], "streams seen twice"), 2);
  EXPECT_THAT(verdicts[0].cure(), HasSubstr("(rx), on ALL ports"));
  EXPECT_THAT(verdicts[0].commands(), Contains(HasSubstr(" rx")));
}

TEST(JudgeCopies, TellsWhichFlowsComeTwice) {
  const Verdicts verdicts = JudgeCopies(
      FactsOf(3000, 1000, {CallWithCopies(500, 500), CallWithCopies(0, 0)}));
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_SOME_FLOWS_TWICE));
  EXPECT_EQ(EvidenceOf(verdicts[0], "streams seen once"), 2);
}

TEST(JudgeCopies, DoesNotMindWhatNetworksDouble) {
  EXPECT_THAT(JudgeCopies(FactsOf(2000, 20, {CallWithCopies(10, 10)})),
              IsEmpty());
  EXPECT_THAT(JudgeCopies(FactsOf(2000, 0, {CallWithCopies(0, 0)})), IsEmpty());
}

TEST(JudgeCopies, JudgesSignallingAloneByItsFrames) {
  EXPECT_THAT(KindsOf(JudgeCopies(FactsOf(40, 20, {}))),
              ElementsAre(v1::VERDICT_KIND_EVERYTHING_TWICE));
  EXPECT_THAT(JudgeCopies(FactsOf(4000, 20, {})), IsEmpty());
}

}  // namespace
}  // namespace callbraid::collector
