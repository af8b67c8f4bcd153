#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/doctor/make_facts.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Verdicts Judge(const Facts& facts, const Blind& blind = {}) {
  return JudgeOneWay(facts, HostBook(facts), blind);
}

// Only `caller` is heard.
CallFacts OneWay(const std::string& caller, const std::string& callee) {
  CallFacts call = MakeCall("oneway", caller, callee);
  AddStream(caller, callee, 7, call);
  call.call.add_flags(v1::CALL_FLAG_ONE_WAY);
  return call;
}

ReceptionFacts Reception(const std::string& reporter, uint32_t reports,
                         uint32_t empty, std::set<uint32_t> heard) {
  return {Ip(reporter), reports, empty, std::move(heard)};
}

TEST(JudgeOneWay, KnowsByRtcpThatAPortIsNotMirrored) {
  Facts facts = MakeSite();
  CallFacts call = OneWay(kA, kC);
  // A hears a stream that no sensor saw.
  call.receptions.push_back(Reception(kA, 5, 0, {99}));
  facts.calls.push_back(call);
  const Verdicts verdicts = Judge(facts);
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_PORT_NOT_MIRRORED));
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_PROBLEM);
  EXPECT_EQ(verdicts[0].address(), kC);
  EXPECT_THAT(verdicts[0].calls(), ElementsAre("oneway"));
}

TEST(JudgeOneWay, OnlySuspectsThePortOfWhoIsNeverHeard) {
  Facts facts = MakeSite();
  facts.calls.push_back(OneWay(kA, kC));
  const Verdicts verdicts = Judge(facts);
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_PORT_NOT_MIRRORED));
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_WARNING);
}

TEST(JudgeOneWay, TellsASilentPartyByRtcp) {
  Facts facts = MakeSite();
  CallFacts call = OneWay(kA, kC);
  call.receptions.push_back(Reception(kA, 5, 5, {}));
  facts.calls.push_back(call);
  const Verdicts verdicts = Judge(facts);
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_SILENT_PARTY));
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_NOTE);
  EXPECT_EQ(verdicts[0].address(), kC);
}

TEST(JudgeOneWay, TellsASilentPartyByItsOtherCalls) {
  Facts facts = MakeSite();
  facts.calls.push_back(OneWay(kA, kB));
  const Verdicts verdicts = Judge(facts);
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_SILENT_PARTY));
  EXPECT_EQ(verdicts[0].address(), kB);
  EXPECT_THAT(verdicts[0].text(), HasSubstr("it is heard in other calls"));
}

TEST(JudgeOneWay, DoesNotMindWhoSaidThatItWouldNotSend) {
  Facts facts = MakeSite();
  CallFacts call = OneWay(kA, kC);
  call.parties = {{Ip(kA), true}, {Ip(kC), false}};
  facts.calls.push_back(call);
  EXPECT_THAT(Judge(facts), IsEmpty());
}

TEST(JudgeOneWay, LooksPastARelay) {
  Facts facts = MakeSite();
  // A -> relay -> C is seen; C is never heard, the relay is.
  CallFacts call = OneWay(kA, "10.0.0.10");
  AddStream("10.0.0.10", kC, 8, call);
  facts.calls.push_back(call);
  const Verdicts verdicts = Judge(facts);
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(verdicts[0].address(), kC);
}

TEST(JudgeOneWay, ForgetsCallsOfBeforeAPortWasMirrored) {
  Facts facts = MakeSite();
  CallFacts before = OneWay(kA, kB);
  // A heard B, of whom nothing was seen.
  before.receptions.push_back(Reception(kA, 5, 0, {99}));
  before.call.mutable_start_time()->set_seconds(1000);
  facts.calls.push_back(before);
  facts.calls[0].call.mutable_start_time()->set_seconds(900);
  EXPECT_THAT(KindsOf(Judge(facts)),
              ElementsAre(v1::VERDICT_KIND_PORT_NOT_MIRRORED));
  facts.calls[0].call.mutable_start_time()->set_seconds(1100);
  EXPECT_THAT(Judge(facts), IsEmpty());
  // Who was silent, was.
  facts.calls[1].receptions[0] = Reception(kA, 5, 5, {});
  EXPECT_THAT(KindsOf(Judge(facts)),
              ElementsAre(v1::VERDICT_KIND_SILENT_PARTY));
}

TEST(JudgeOneWay, LeavesCallsToTheVerdictThatExplainsThem) {
  Facts facts = MakeSite();
  facts.calls.push_back(OneWay(kA, kC));
  EXPECT_THAT(Judge(facts, {{"s1", "span0"}}), IsEmpty());
}

}  // namespace
}  // namespace callbraid::collector
