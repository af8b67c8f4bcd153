#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/doctor/make_facts.h"

namespace callbraid::collector {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// A call of which s1 missed so many packets that s2 saw.
Facts Missed(uint32_t missed) {
  PointFacts point = MakePoint();
  point.window.set_packets(1000);
  point.window.mutable_interface()->set_peak_bits_per_second(99'000'000);
  point.window.mutable_interface()->set_speed_mbit(1000);
  Facts facts = MakeFacts(point);
  CallFacts call = MakeCall("c", "10.0.0.11", "10.0.0.12");
  v1::Stream& stream = AddStream("10.0.0.11", "10.0.0.12", 1, call);
  v1::CaptureLoss& loss = *stream.add_capture_losses();
  loss.set_sensor("s1");
  loss.set_capture_point("span0");
  loss.set_seen_further_on(missed);
  facts.calls.push_back(call);
  return facts;
}

TEST(JudgeCaptureLoss, SeesWhatAnotherSensorSaw) {
  const Verdicts verdicts = JudgeCaptureLoss(Missed(25));
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_SPAN_OVERSUBSCRIBED));
  const v1::Verdict& verdict = verdicts[0];
  EXPECT_EQ(verdict.severity(), v1::SEVERITY_PROBLEM);
  EXPECT_EQ(EvidenceOf(verdict, "missed here, seen by another sensor"), 25);
  EXPECT_EQ(EvidenceOf(verdict, "highest load of the SPAN link"), 99);
  EXPECT_EQ(EvidenceOf(verdict, "speed of the SPAN link"), 1000);
  EXPECT_THAT(verdict.calls(), ElementsAre("c"));
}

TEST(JudgeCaptureLoss, SeesWhatTheReceiverGot) {
  Facts facts = Missed(0);
  facts.calls[0]
      .call.mutable_streams(0)
      ->mutable_capture_losses(0)
      ->set_reported_arrived(30);
  const Verdicts verdicts = JudgeCaptureLoss(facts);
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_SPAN_OVERSUBSCRIBED));
  EXPECT_EQ(EvidenceOf(verdicts[0], "missed here, received by RTCP's account"),
            30);
}

TEST(JudgeCaptureLoss, DoesNotBlameTheSwitchForTheSensorsOwnDrops) {
  Facts facts = Missed(25);
  facts.points[0].window.set_kernel_drops(30);
  EXPECT_THAT(KindsOf(JudgeCaptureLoss(facts)),
              ElementsAre(v1::VERDICT_KIND_KERNEL_DROPS));
}

TEST(JudgeCaptureLoss, DoesNotMindAFewPackets) {
  EXPECT_THAT(JudgeCaptureLoss(Missed(9)), IsEmpty());
  Facts facts = Missed(25);
  facts.calls[0].call.mutable_streams(0)->mutable_observations(0)->set_packets(
      1'000'000);
  EXPECT_THAT(JudgeCaptureLoss(facts), IsEmpty());
}

TEST(JudgeCaptureLoss, SaysThatTheSpanLinkIsNearlyFull) {
  PointFacts point = MakePoint();
  point.window.mutable_interface()->set_speed_mbit(100);
  point.window.mutable_interface()->set_peak_bits_per_second(89'000'000);
  EXPECT_THAT(JudgeCaptureLoss(MakeFacts(point)), IsEmpty());
  point.window.mutable_interface()->set_peak_bits_per_second(93'500'000);
  const Verdicts verdicts = JudgeCaptureLoss(MakeFacts(point));
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_SPAN_NEARLY_FULL));
  EXPECT_THAT(verdicts[0].text(), HasSubstr("94 Mbit/s of its 100 Mbit/s"));
}

TEST(JudgeCaptureLoss, KnowsNoLimitOfALinkWithoutSpeed) {
  PointFacts point = MakePoint();
  point.window.mutable_interface()->set_speed_mbit(0);
  point.window.mutable_interface()->set_peak_bits_per_second(1e12);
  EXPECT_THAT(JudgeCaptureLoss(MakeFacts(point)), IsEmpty());
}

TEST(JudgeCaptureLoss, SeesDropsOfKernelAndInterface) {
  PointFacts point = MakePoint();
  point.window.set_packets(900);
  point.window.set_kernel_drops(100);
  point.window.set_interface_drops(5);
  const Verdicts verdicts = JudgeCaptureLoss(MakeFacts(point));
  ASSERT_THAT(KindsOf(verdicts), ElementsAre(v1::VERDICT_KIND_KERNEL_DROPS,
                                             v1::VERDICT_KIND_INTERFACE_DROPS));
  EXPECT_THAT(verdicts[0].text(), HasSubstr("100 frames (10.0 %)"));
  EXPECT_THAT(verdicts[1].commands(), Contains("ethtool -G span0 rx 4096"));
}

}  // namespace
}  // namespace callbraid::collector
