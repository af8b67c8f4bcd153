#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/doctor/make_facts.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

PointFacts WithTunnel(v1::TunnelKind kind, uint64_t frames,
                      uint64_t decapsulated) {
  PointFacts point = MakePoint();
  v1::TunnelCount& tunnel = *point.window.mutable_census()->add_tunnels();
  tunnel.set_kind(kind);
  tunnel.set_frames(frames);
  tunnel.set_decapsulated(decapsulated);
  return point;
}

TEST(JudgePassage, SeesTunnelsThatAreNotLookedInto) {
  const Verdicts verdicts =
      JudgePassage(MakeFacts(WithTunnel(v1::TUNNEL_KIND_ERSPAN, 100, 40)));
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_UNDECODED_TUNNEL));
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_PROBLEM);
  EXPECT_THAT(verdicts[0].text(), HasSubstr("60 frames of ERSPAN"));
}

TEST(JudgePassage, DoesNotMindWhatLooksLikeATunnelByChance) {
  EXPECT_THAT(JudgePassage(MakeFacts(WithTunnel(v1::TUNNEL_KIND_VXLAN, 9, 0))),
              IsEmpty());
}

TEST(JudgePassage, IsContentWithTunnelsThatAreOpen) {
  EXPECT_THAT(
      JudgePassage(MakeFacts(WithTunnel(v1::TUNNEL_KIND_VXLAN, 100, 100))),
      IsEmpty());
}

TEST(JudgePassage, OnlyNotesWhatIsEncrypted) {
  const Verdicts verdicts =
      JudgePassage(MakeFacts(WithTunnel(v1::TUNNEL_KIND_IPSEC, 100, 0)));
  ASSERT_EQ(verdicts.size(), 1u);
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_NOTE);
}

TEST(JudgePassage, SeesTagsThatAreNotFollowed) {
  PointFacts point = MakePoint();
  (*point.window.mutable_discarded())["too_many_vlan_tags"] = 7;
  EXPECT_THAT(KindsOf(JudgePassage(MakeFacts(point))),
              ElementsAre(v1::VERDICT_KIND_TAGS_TOO_DEEP));
}

TEST(JudgePassage, SeesThatLaterFragmentsAreKeptOut) {
  PointFacts point = MakePoint();
  point.window.mutable_census()->set_first_fragments(5);
  EXPECT_THAT(KindsOf(JudgePassage(MakeFacts(point))),
              ElementsAre(v1::VERDICT_KIND_FILTER_TOO_NARROW));
  point.window.mutable_census()->set_later_fragments(5);
  EXPECT_THAT(JudgePassage(MakeFacts(point)), IsEmpty());
}

TEST(JudgePassage, SeesAFilterThatPassesNothing) {
  PointFacts point = MakePoint();
  point.point.set_filter("udp port 9999");
  point.window.mutable_interface()->set_rx_frames(5000);
  const Verdicts verdicts = JudgePassage(MakeFacts(point));
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_FILTER_TOO_NARROW));
  EXPECT_THAT(verdicts[0].text(), HasSubstr("none of the 5,000 frames"));
}

TEST(JudgePassage, SeesAFilterThatPassesSipAlone) {
  PointFacts point = MakePoint();
  point.point.set_filter("udp port 5060");
  point.window.set_packets(50);
  point.window.mutable_census()->set_sip_messages(50);
  Facts facts = MakeFacts(point);
  EXPECT_THAT(JudgePassage(facts), IsEmpty());
  facts.calls.push_back(MakeCall("c", "10.0.0.11", "10.0.0.12"));
  facts.calls[0].call.add_flags(v1::CALL_FLAG_NO_MEDIA);
  EXPECT_THAT(KindsOf(JudgePassage(facts)),
              ElementsAre(v1::VERDICT_KIND_FILTER_TOO_NARROW));
}

PointFacts WithPort(uint32_t number, bool tcp, v1::CaptureKind kind) {
  PointFacts point = MakePoint("s1", kind);
  v1::SipPortCount& port =
      *point.window.mutable_census()->add_other_sip_ports();
  port.set_port(number);
  port.set_tcp(tcp);
  port.set_messages(9);
  return point;
}

TEST(JudgePassage, SeesSipOnPortsThatAreNotNamed) {
  const Verdicts verdicts =
      JudgePassage(MakeFacts(WithPort(5080, true, v1::CAPTURE_KIND_INTERFACE)));
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_SIP_ON_OTHER_PORT));
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_WARNING);
  EXPECT_THAT(verdicts[0].commands(),
              ElementsAre("capture: {sip_ports: [5060, 5080]}"));
}

TEST(JudgePassage, OnlyNotesOtherPortsWhereNothingIsLost) {
  EXPECT_EQ(JudgePassage(
                MakeFacts(WithPort(5080, false, v1::CAPTURE_KIND_INTERFACE)))[0]
                .severity(),
            v1::SEVERITY_NOTE);
  EXPECT_EQ(
      JudgePassage(MakeFacts(WithPort(5080, true, v1::CAPTURE_KIND_FILE)))[0]
          .severity(),
      v1::SEVERITY_NOTE);
}

}  // namespace
}  // namespace callbraid::collector
