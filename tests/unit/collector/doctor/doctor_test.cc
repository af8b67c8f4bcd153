#include "collector/doctor/doctor.h"

#include "collector/doctor/words.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/doctor/make_facts.h"

namespace callbraid::collector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Verdicts VerdictsOf(const v1::DiagnoseResponse& response) {
  return {response.verdicts().begin(), response.verdicts().end()};
}

// A healthy capture point with a PBX and two phones.
PointFacts Healthy() {
  PointFacts point = MakePoint();
  AddHost("10.0.0.10", 20, 20, 0, 0, point);
  AddHost("10.0.0.11", 10, 10, 500, 500, point);
  AddHost("10.0.0.12", 10, 10, 500, 500, point);
  point.window.set_packets(1040);
  v1::TrafficCensus& census = *point.window.mutable_census();
  census.set_unicast_frames(1040);
  census.set_sip_messages(40);
  census.set_rtp_packets(1000);
  v1::VlanCount& vlan = *census.add_vlans();
  vlan.set_vlan_id(100);
  vlan.set_frames(1040);
  return point;
}

TEST(Diagnose, FindsNothingWhereNothingIsWrong) {
  Facts facts = MakeFacts(Healthy());
  CallFacts call = MakeCall("c", "10.0.0.11", "10.0.0.12");
  AddStream("10.0.0.11", "10.0.0.12", 1, call);
  AddStream("10.0.0.12", "10.0.0.11", 2, call);
  facts.calls.push_back(call);
  const v1::DiagnoseResponse response = Diagnose(facts, "");
  EXPECT_THAT(VerdictsOf(response), IsEmpty());
  EXPECT_EQ(response.calls(), 1u);
  ASSERT_EQ(response.capture_points_size(), 1);
  EXPECT_EQ(response.capture_points(0).summary(),
            "PBX 10.0.0.10, 2 phones, both directions; 1,000 RTP packets; "
            "VLAN 100");
  EXPECT_EQ(response.hosts_size(), 3);
  EXPECT_FALSE(response.truncated());
}

TEST(Diagnose, PutsTheWorstFirst) {
  Facts facts = MakeFacts(Healthy());
  v1::CaptureReport& window = facts.points[0].window;
  window.mutable_census()->set_checksums_checked(10);
  window.mutable_census()->set_checksums_partial(10);  // A note.
  window.mutable_census()->set_oversize_frames(1);     // A warning.
  window.set_kernel_drops(1);                          // A problem.
  EXPECT_THAT(
      KindsOf(VerdictsOf(Diagnose(facts, ""))),
      ElementsAre(v1::VERDICT_KIND_KERNEL_DROPS, v1::VERDICT_KIND_MERGED_FRAMES,
                  v1::VERDICT_KIND_PARTIAL_CHECKSUMS));
}

TEST(Diagnose, DoesNotSayTwiceWhatOneFaultExplains) {
  PointFacts point = Healthy();
  point.hosts.clear();
  AddHost("10.0.0.11", 10, 0, 500, 0, point);
  AddHost("10.0.0.12", 0, 10, 0, 500, point);
  Facts facts = MakeFacts(point);
  CallFacts call = MakeCall("c", "10.0.0.11", "10.0.0.12");
  AddStream("10.0.0.11", "10.0.0.12", 1, call);
  call.call.add_flags(v1::CALL_FLAG_ONE_WAY);
  facts.calls.push_back(call);
  EXPECT_THAT(KindsOf(VerdictsOf(Diagnose(facts, ""))),
              ElementsAre(v1::VERDICT_KIND_ONE_DIRECTION));
}

TEST(Diagnose, LeavesOutOtherSensorsIfAskedForOne) {
  Facts facts = MakeFacts(Healthy());
  PointFacts other = MakePoint("s2");
  other.window.set_kernel_drops(1);
  facts.points.push_back(other);
  facts.sensors.push_back(MakeSensor("s2"));
  const v1::DiagnoseResponse response = Diagnose(facts, "s1");
  EXPECT_THAT(VerdictsOf(response), IsEmpty());
  EXPECT_EQ(response.capture_points_size(), 1);
  EXPECT_FALSE(VerdictsOf(Diagnose(facts, "s2")).empty());
}

TEST(Diagnose, BoundsItsAnswer) {
  Facts facts;
  for (int i = 0; i < 1000; ++i) {
    PointFacts point = MakePoint("s" + std::to_string(i));
    facts.points.push_back(point);  // Nothing received.
  }
  const v1::DiagnoseResponse response = Diagnose(facts, "");
  EXPECT_EQ(response.verdicts_size(), 500);
  EXPECT_TRUE(response.truncated());
}

TEST(Diagnose, SaysWhatPassesWithoutAPbx) {
  PointFacts point = MakePoint();
  EXPECT_EQ(Diagnose(MakeFacts(point), "").capture_points(0).summary(),
            "neither SIP nor RTP");
  AddHost("10.0.0.11", 10, 0, 0, 0, point);
  AddHost("10.0.0.12", 0, 10, 0, 0, point);
  EXPECT_EQ(Diagnose(MakeFacts(point), "").capture_points(0).summary(),
            "2 hosts that signal, one direction; no RTP");
  point.has_report = false;
  EXPECT_EQ(Diagnose(MakeFacts(point), "").capture_points(0).summary(),
            "no report yet");
}

TEST(Words, ReadAsPeopleWrite) {
  EXPECT_EQ(Number(1234567), "1,234,567");
  EXPECT_EQ(Number(12), "12");
  EXPECT_EQ(Counted(1, "frame"), "1 frame");
  EXPECT_EQ(Counted(1000, "frame"), "1,000 frames");
  EXPECT_EQ(PercentText(1, 3), "33.3 %");
  EXPECT_EQ(PercentText(1, 0), "0.0 %");
  EXPECT_EQ(Megabits(940'000'000), "940 Mbit/s");
  EXPECT_EQ(Megabits(1'250'000), "1.2 Mbit/s");
  EXPECT_EQ(Span(-2'400'000'000), "2.4 s");
  EXPECT_EQ(Span(185'000'000'000), "3 min 5 s");
  EXPECT_EQ(Listed({"a"}), "a");
  EXPECT_EQ(Listed({"a", "b"}), "a and b");
  EXPECT_EQ(Listed({"a", "b", "c", "d", "e"}, 3), "a, b, c and 2 more");
}

}  // namespace
}  // namespace callbraid::collector
