#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/doctor/make_facts.h"

namespace callbraid::collector {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Verdicts Judge(const Facts& facts) {
  return JudgeDirection(facts, HostBook(facts));
}
Verdicts Judge(const PointFacts& point) { return Judge(MakeFacts(point)); }

TEST(JudgeDirection, NamesTheOneWhoseFramesAreSeen) {
  PointFacts point = MakePoint();
  AddHost("10.0.0.10", 20, 0, 500, 0, point).registers_received = 0;
  AddHost("10.0.0.11", 0, 10, 0, 300, point);
  AddHost("10.0.0.12", 0, 10, 0, 200, point);
  const Verdicts verdicts = Judge(point);
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_ONE_DIRECTION));
  const v1::Verdict& verdict = verdicts[0];
  EXPECT_EQ(verdict.severity(), v1::SEVERITY_PROBLEM);
  EXPECT_EQ(verdict.address(), "10.0.0.10");
  EXPECT_EQ(verdict.mac(), "02:00:00:00:00:10");
  EXPECT_THAT(verdict.text(),
              HasSubstr("only frames FROM PBX 10.0.0.10 (MAC "
                        "02:00:00:00:00:10) are seen, none to it"));
  EXPECT_THAT(verdict.text(), HasSubstr("RX only"));
  EXPECT_EQ(EvidenceOf(verdict, "RTP one way"), 500);
  EXPECT_THAT(verdict.commands(), Contains(HasSubstr(" rx")));
}

TEST(JudgeDirection, NamesTheOneThatIsSpokenTo) {
  PointFacts point = MakePoint();
  AddHost("10.0.0.10", 0, 20, 0, 500, point);
  AddHost("10.0.0.11", 10, 0, 300, 0, point);
  AddHost("10.0.0.12", 10, 0, 200, 0, point);
  const Verdicts verdicts = Judge(point);
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_ONE_DIRECTION));
  EXPECT_EQ(verdicts[0].address(), "10.0.0.10");
  EXPECT_THAT(verdicts[0].text(), HasSubstr("only frames TO PBX 10.0.0.10"));
  EXPECT_THAT(verdicts[0].text(), HasSubstr("TX only"));
}

TEST(JudgeDirection, IsLessSureOfRequestsAlone) {
  PointFacts point = MakePoint();
  AddHost("10.0.0.11", 10, 0, 0, 0, point);
  AddHost("10.0.0.10", 0, 10, 0, 0, point);
  const Verdicts verdicts = Judge(point);
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_ONE_DIRECTION));
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_WARNING);
  EXPECT_THAT(verdicts[0].text(), HasSubstr("Or they are not answered"));
}

TEST(JudgeDirection, IsContentWhenAnyoneIsSeenBothWays) {
  PointFacts point = MakePoint();
  AddHost("10.0.0.10", 20, 20, 0, 0, point);
  AddHost("10.0.0.11", 10, 10, 500, 500, point);
  EXPECT_THAT(Judge(point), IsEmpty());
}

TEST(JudgeDirection, AddsUpAHostWithTwoMacAddresses) {
  PointFacts point = MakePoint();
  AddHost("10.0.0.10", 20, 0, 500, 0, point);
  // Routed: another MAC in the other direction.
  AddHost("10.0.0.10", 0, 20, 0, 500, point).mac = "02:00:00:00:00:99";
  EXPECT_THAT(Judge(point), IsEmpty());
}

TEST(JudgeDirection, IsContentWithTheTwoHalvesOfATap) {
  PointFacts out = MakePoint("s1");
  AddHost("10.0.0.11", 10, 0, 500, 0, out);
  AddHost("10.0.0.10", 0, 10, 0, 500, out);
  PointFacts in = MakePoint("s2");
  AddHost("10.0.0.11", 0, 10, 0, 500, in);
  AddHost("10.0.0.10", 10, 0, 500, 0, in);
  Facts facts = MakeFacts(out);
  EXPECT_EQ(Judge(facts).size(), 1u);
  facts.points.push_back(in);
  EXPECT_THAT(Judge(facts), IsEmpty());
  // Another site's does not count.
  facts.points.back().site = "branch";
  EXPECT_EQ(Judge(facts).size(), 2u);
}

TEST(JudgeDirection, WaitsForEnough) {
  PointFacts point = MakePoint();
  AddHost("10.0.0.11", 5, 0, 20, 0, point);
  AddHost("10.0.0.10", 0, 5, 0, 20, point);
  EXPECT_THAT(Judge(point), IsEmpty());
}

TEST(JudgeDirection, NamesTheOneWhoseAnswersAreNeverSeen) {
  PointFacts point = MakePoint();
  AddHost("10.0.0.11", 10, 0, 500, 500, point);
  AddHost("10.0.0.12", 10, 0, 500, 500, point);
  AddHost("10.0.0.10", 0, 20, 0, 0, point);
  Facts facts = MakeFacts(point);
  // Without a call that went on, the PBX may be down.
  EXPECT_THAT(Judge(facts), IsEmpty());
  CallFacts call = MakeCall("c", "10.0.0.11", "10.0.0.12");
  AddStream("10.0.0.11", "10.0.0.12", 1, call);
  facts.calls.push_back(call);
  const Verdicts verdicts = Judge(facts);
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_PORT_NOT_MIRRORED));
  EXPECT_EQ(verdicts[0].address(), "10.0.0.10");
  EXPECT_THAT(verdicts[0].commands(),
              Contains("show mac address-table address 0200.0000.0010"));
  // Its own switch has a sensor, too.
  PointFacts other = MakePoint("s2");
  AddHost("10.0.0.10", 20, 20, 0, 0, other);
  facts.points.push_back(other);
  EXPECT_THAT(Judge(facts), IsEmpty());
}

}  // namespace
}  // namespace callbraid::collector
