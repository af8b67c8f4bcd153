#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/doctor/make_facts.h"

namespace callbraid::collector {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// A port that no mirror reaches.
PointFacts Unmirrored() {
  PointFacts point = MakePoint();
  point.window.set_packets(145);
  v1::TrafficCensus& census = *point.window.mutable_census();
  census.set_broadcast_frames(130);
  census.set_multicast_frames(12);
  census.set_unicast_frames(2);
  census.set_own_frames(1);
  return point;
}

TEST(JudgePresence, SeesThatNoSpanSessionReachesThePort) {
  const Verdicts verdicts = JudgePresence(MakeFacts(Unmirrored()));
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_NO_SPAN_SESSION));
  const v1::Verdict& verdict = verdicts[0];
  EXPECT_EQ(verdict.severity(), v1::SEVERITY_PROBLEM);
  EXPECT_EQ(verdict.sensor(), "s1");
  EXPECT_EQ(verdict.capture_point(), "span0");
  EXPECT_THAT(verdict.text(), HasSubstr("only 142 frames to everyone"));
  EXPECT_EQ(EvidenceOf(verdict, "unicast between others"), 2);
  EXPECT_THAT(verdict.commands(),
              Contains("monitor session 1 destination interface <port of the "
                       "sensor> encapsulation replicate"));
}

TEST(JudgePresence, TellsTheCureInTheFamilyAskedFor) {
  Facts facts = MakeFacts(Unmirrored());
  facts.family = v1::SWITCH_FAMILY_ARUBA_OS_SWITCH;
  EXPECT_THAT(JudgePresence(facts)[0].commands(),
              Contains("mirror 1 port <port of the sensor>"));
}

TEST(JudgePresence, IsContentWithAnyCall) {
  PointFacts point = Unmirrored();
  point.window.mutable_census()->set_sip_messages(1);
  EXPECT_THAT(JudgePresence(MakeFacts(point)), IsEmpty());
}

TEST(JudgePresence, WaitsUntilItHasSeenEnough) {
  PointFacts point = MakePoint();
  point.to_ns = point.from_ns + 5 * kSecondNs;
  point.window.set_packets(3);
  point.window.mutable_interface()->set_rx_frames(200);
  point.window.mutable_census()->set_broadcast_frames(3);
  EXPECT_THAT(JudgePresence(MakeFacts(point)), IsEmpty());
  point.to_ns = point.from_ns + 61 * kSecondNs;
  EXPECT_THAT(KindsOf(JudgePresence(MakeFacts(point))),
              ElementsAre(v1::VERDICT_KIND_NO_SPAN_SESSION));
}

TEST(JudgePresence, IsSureOnlyWhenAQuietMirrorWouldHaveSpoken) {
  PointFacts point = MakePoint();
  point.window.set_packets(30);
  point.window.mutable_census()->set_broadcast_frames(30);
  Verdicts verdicts = JudgePresence(MakeFacts(point));
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_WARNING);
  EXPECT_THAT(verdicts[0].text(),
              HasSubstr("Or nobody has said anything in the 5 min 0 s"));
  point.to_ns = point.from_ns + 601 * kSecondNs;
  verdicts = JudgePresence(MakeFacts(point));
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_PROBLEM);
  EXPECT_THAT(verdicts[0].text(), Not(HasSubstr("Or nobody")));
}

TEST(JudgePresence, TellsAMirrorWithoutCallsFromNone) {
  PointFacts point = Unmirrored();
  point.window.mutable_census()->set_unicast_frames(500);
  Verdicts verdicts = JudgePresence(MakeFacts(point));
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_NO_VOIP));
  // Nobody may have called.
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_NOTE);
  point.to_ns = point.from_ns + 601 * kSecondNs;
  EXPECT_EQ(JudgePresence(MakeFacts(point))[0].severity(),
            v1::SEVERITY_WARNING);
  point.to_ns = point.from_ns + 30 * kSecondNs;
  EXPECT_THAT(JudgePresence(MakeFacts(point)), IsEmpty());
}

TEST(JudgePresence, SaysNothingOfCallsInTunnelsOrTls) {
  PointFacts tunnel = Unmirrored();
  tunnel.window.mutable_census()->add_tunnels()->set_frames(9);
  EXPECT_THAT(JudgePresence(MakeFacts(tunnel)), IsEmpty());
  PointFacts tls = Unmirrored();
  tls.window.mutable_census()->set_sip_tls_segments(9);
  EXPECT_THAT(JudgePresence(MakeFacts(tls)), IsEmpty());
}

TEST(JudgePresence, SeesThatNothingComesAtAll) {
  const Verdicts verdicts = JudgePresence(MakeFacts(MakePoint()));
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_NOTHING_RECEIVED));
  EXPECT_THAT(verdicts[0].commands(), Contains(HasSubstr("monitor session")));
}

TEST(JudgePresence, KnowsABareLinkByFramesThatAreNoIp) {
  PointFacts point = MakePoint();
  point.window.mutable_interface()->set_rx_frames(150);
  const Verdicts verdicts = JudgePresence(MakeFacts(point));
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_NO_SPAN_SESSION));
  EXPECT_THAT(verdicts[0].text(), HasSubstr("of 150 frames"));
}

TEST(JudgePresence, SeesThatTheLinkIsDown) {
  PointFacts point = MakePoint();
  point.window.mutable_interface()->set_running(false);
  const Verdicts verdicts = JudgePresence(MakeFacts(point));
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_LINK_DOWN));
  EXPECT_THAT(verdicts[0].commands(), ElementsAre("ip link set dev span0 up"));
}

TEST(JudgePresence, LetsNoNameOfASensorsChoiceIntoAShell) {
  PointFacts point = MakePoint();
  point.window.mutable_interface()->set_running(false);
  for (const char* name : {"x; reboot", "$(reboot)", "-a", "a\nreboot", "",
                           "a-name-that-is-too-long"}) {
    point.point.set_name(name);
    EXPECT_THAT(JudgePresence(MakeFacts(point))[0].commands(),
                ElementsAre("ip link set dev <interface> up"))
        << name;
  }
}

TEST(JudgePresence, SaysNothingBeforeTheFirstReport) {
  PointFacts point = MakePoint();
  point.has_report = false;
  EXPECT_THAT(JudgePresence(MakeFacts(point)), IsEmpty());
}

}  // namespace
}  // namespace callbraid::collector
