#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/doctor/make_facts.h"

namespace callbraid::collector {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Verdicts Judge(const Facts& facts, const Blind& blind = {}) {
  return JudgeMedia(facts, HostBook(facts), blind);
}

CallFacts WithoutMedia(const std::string& caller, const std::string& callee) {
  CallFacts call = MakeCall("none", caller, callee);
  call.call.add_flags(v1::CALL_FLAG_NO_MEDIA);
  return call;
}

TEST(JudgeMedia, IsContentWithWholeCalls) {
  EXPECT_THAT(Judge(MakeSite()), IsEmpty());
}

TEST(JudgeMedia, NamesPhonesWhoseMediaAreNeverSeen) {
  Facts facts = MakeSite();
  facts.calls.push_back(WithoutMedia(kC, kD));
  const Verdicts verdicts = Judge(facts);
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_MEDIA_NEVER_SEEN,
                          v1::VERDICT_KIND_MEDIA_NEVER_SEEN));
  const v1::Verdict& verdict = verdicts[0];
  EXPECT_EQ(verdict.severity(), v1::SEVERITY_PROBLEM);
  EXPECT_EQ(verdict.site(), "hq");
  EXPECT_EQ(verdict.address(), kC);
  EXPECT_EQ(verdict.mac(), "02:00:00:00:00:13");
  EXPECT_THAT(verdict.vlan_ids(), ElementsAre(20));
  EXPECT_EQ(verdict.number(), "13");
  EXPECT_THAT(verdict.text(), HasSubstr("phone 13 (10.0.0.13, MAC "
                                        "02:00:00:00:00:13, VLAN 20)"));
  EXPECT_THAT(verdict.commands(),
              ElementsAre("show mac address-table address 0200.0000.0013",
                          "configure terminal",
                          "monitor session 1 source interface <port of "
                          "10.0.0.13> rx",
                          "end", "write memory"));
  EXPECT_THAT(verdict.calls(), ElementsAre("none"));
}

TEST(JudgeMedia, BlamesOnlyThePhoneThatIsSeenNowhere) {
  Facts facts = MakeSite();
  facts.calls.push_back(WithoutMedia(kA, kC));
  const Verdicts verdicts = Judge(facts);
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_MEDIA_NEVER_SEEN));
  EXPECT_EQ(verdicts[0].address(), kC);
}

TEST(JudgeMedia, SaysOfOneCallThatItsMediaTookAnotherWay) {
  Facts facts = MakeSite();
  facts.calls.push_back(WithoutMedia(kA, kB));
  const Verdicts verdicts = Judge(facts);
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_CALLS_WITHOUT_MEDIA));
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_WARNING);
  EXPECT_THAT(verdicts[0].commands(),
              ElementsAre("callbraid calls ladder none"));
}

TEST(JudgeMedia, SaysOnceThatNoMediaAreSeenAtAll) {
  Facts facts = MakeSite();
  facts.points[0].window.mutable_census()->set_rtp_packets(0);
  facts.calls = {WithoutMedia(kA, kB), WithoutMedia(kC, kD)};
  const Verdicts verdicts = Judge(facts);
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_CALLS_WITHOUT_MEDIA));
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_PROBLEM);
  EXPECT_THAT(verdicts[0].text(), HasSubstr("2 of 2 answered calls"));
  EXPECT_THAT(verdicts[0].commands(), Contains(HasSubstr("monitor session")));
}

TEST(JudgeMedia, DoesNotMindCallsThatWereNotAnswered) {
  Facts facts = MakeSite();
  CallFacts call = MakeCall("busy", kC, kD);
  call.call.set_state(v1::CALL_STATE_UNANSWERED);
  facts.calls.push_back(call);
  EXPECT_THAT(Judge(facts), IsEmpty());
}

TEST(JudgeMedia, LeavesCallsToTheVerdictThatExplainsThem) {
  Facts facts = MakeSite();
  facts.calls.push_back(WithoutMedia(kC, kD));
  EXPECT_THAT(Judge(facts, {{"s1", "span0"}}), IsEmpty());
}

TEST(JudgeMedia, KeepsSitesApart) {
  Facts facts = MakeSite();
  CallFacts call = WithoutMedia(kC, kD);
  call.sites = {"branch"};
  facts.calls.push_back(call);
  EXPECT_THAT(Judge(facts), IsEmpty());
}

TEST(JudgeMedia, BlamesNobodyWhoDoesNotSignal) {
  Facts facts = MakeSite();
  // A provider's media server, behind the uplink.
  facts.calls.push_back(WithoutMedia(kA, kC));
  facts.calls.back().parties[1].address = Ip("203.0.113.5");
  facts.calls.back().dialogs.pop_back();
  Verdicts verdicts = Judge(facts);
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_CALLS_WITHOUT_MEDIA));
  EXPECT_EQ(verdicts[0].severity(), v1::SEVERITY_WARNING);
  // But the phone that called it, if it is seen nowhere else.
  facts.calls.back().parties[0].address = Ip(kD);
  verdicts = Judge(facts);
  ASSERT_THAT(KindsOf(verdicts),
              ElementsAre(v1::VERDICT_KIND_MEDIA_NEVER_SEEN));
  EXPECT_EQ(verdicts[0].address(), kD);
}

TEST(JudgeMedia, DoesNotMindCallsThatWereTooShortToSpeak) {
  Facts facts = MakeSite();
  CallFacts call = WithoutMedia(kC, kD);
  call.call.mutable_answer_time()->set_seconds(1000);
  call.call.mutable_end_time()->set_seconds(1001);
  facts.calls.push_back(call);
  EXPECT_THAT(Judge(facts), IsEmpty());
  facts.calls.back().call.mutable_end_time()->set_seconds(1002);
  EXPECT_EQ(Judge(facts).size(), 2u);
}

TEST(JudgeMedia, DoesNotMindCallsThatAreOnHoldAllTheTime) {
  Facts facts = MakeSite();
  CallFacts call = WithoutMedia(kC, kD);
  for (MediaParty& party : call.parties) party.sends = false;
  facts.calls.push_back(call);
  EXPECT_THAT(Judge(facts), IsEmpty());
}

// A call that ended `seconds` after the start.
CallFacts EndedAt(int64_t seconds, CallFacts call) {
  *call.call.mutable_end_time() = ToTimestamp(kStartNs + seconds * kSecondNs);
  return call;
}

TEST(JudgeMedia, WaitsForMediaOfASensorThatIsAway) {
  Facts facts = MakeSite();
  SensorFacts other = MakeSensor("s2");
  other.connected = false;
  other.last_seen_ns = kStartNs + 100 * kSecondNs;
  facts.sensors.push_back(other);
  facts.calls.push_back(EndedAt(99, WithoutMedia(kC, kD)));
  EXPECT_THAT(Judge(facts), IsEmpty());
  facts.calls.back() = EndedAt(60, WithoutMedia(kC, kD));
  EXPECT_EQ(Judge(facts).size(), 2u);
  facts.sensors.back().last_seen_ns = kStartNs;
  facts.sensors.back().ended = true;
  EXPECT_EQ(Judge(facts).size(), 2u);
}

TEST(JudgeMedia, WaitsForMediaThatAreOnTheirWay) {
  Facts facts = MakeSite();
  facts.sensors[0].waiting_media = 100;
  for (v1::Stream& stream : *facts.calls[0].call.mutable_streams()) {
    *stream.mutable_observations(0)->mutable_end_time() =
        ToTimestamp(kStartNs + 50 * kSecondNs);
  }
  facts.calls.push_back(EndedAt(51, WithoutMedia(kC, kD)));
  EXPECT_THAT(Judge(facts), IsEmpty());
  // Later media have come.
  facts.calls.back() = EndedAt(50, WithoutMedia(kC, kD));
  EXPECT_EQ(Judge(facts).size(), 2u);
}

TEST(JudgeMedia, ForgetsCallsOfBeforeAPortWasMirrored) {
  Facts facts = MakeSite();
  CallFacts before = WithoutMedia(kA, kB);
  before.call.mutable_start_time()->set_seconds(1000);
  facts.calls.push_back(before);
  facts.calls[0].call.mutable_start_time()->set_seconds(900);
  EXPECT_EQ(Judge(facts).size(), 1u);
  facts.calls[0].call.mutable_start_time()->set_seconds(1100);
  EXPECT_THAT(Judge(facts), IsEmpty());
}

}  // namespace
}  // namespace callbraid::collector
