#include "collector/evidence/evidence.h"

#include <deque>
#include <initializer_list>
#include <vector>

#include "gtest/gtest.h"
#include "tests/fakes/call_scene.h"

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kMs;
using fakes::kSecond;
using fakes::Reply;
using fakes::See;
using fakes::Spot;
using fakes::Stream;

const EvidencePolicy kPolicy;
constexpr int64_t kHalfAnHour = 2112 * kSecond;

// Holds nodes while they are compared.
class EvidenceTest : public ::testing::Test {
 protected:
  template <typename T>
  const Node& Seen(const T& what, const Spot& spot = {}) {
    nodes_.push_back(*MakeNode(See(what, spot)));
    return nodes_.back();
  }

  // Evidence must not depend on which of the two comes first.
  template <typename Compare>
  std::optional<Evidence> BothWays(const Node& a, const Node& b,
                                   Compare compare) {
    const auto forward = compare(a, b);
    const auto backward = compare(b, a);
    EXPECT_EQ(forward.has_value(), backward.has_value());
    if (forward && backward) {
      EXPECT_EQ(forward->detail, backward->detail);
      EXPECT_EQ(forward->score, backward->score);
    }
    return forward;
  }
  std::vector<const Node*> All() {
    std::vector<const Node*> all;
    for (const Node& node : nodes_) all.push_back(&node);
    return all;
  }
  bool SameDialogOf(const Node& a, const Node& b) {
    const auto all = All();
    return BothWays(a, b,
                    [&](const Node& x, const Node& y) {
                      return SameDialog(x, y, all, kPolicy);
                    })
        .has_value();
  }
  bool SameRtpOf(const Node& a, const Node& b, bool complete = true) {
    const auto all = All();
    return BothWays(a, b,
                    [&](const Node& x, const Node& y) {
                      return SameRtp(x, y, {all, complete}, kPolicy);
                    })
        .has_value();
  }
  bool RelayedOf(const Node& a, const Node& b) {
    const auto all = All();
    return BothWays(a, b,
                    [&](const Node& x, const Node& y) {
                      return RelayedPayload(x, y, {all, true}, kPolicy);
                    })
        .has_value();
  }
  bool ReverseOf(const Node& a, const Node& b) {
    return BothWays(a, b,
                    [](const Node& x, const Node& y) {
                      return ReverseFlow(x, y, kPolicy);
                    })
        .has_value();
  }

 private:
  std::deque<Node> nodes_;
};

using SameDialogTest = EvidenceTest;

TEST_F(SameDialogTest, JoinsTwoHopsOfAProxyAtOneSensor) {
  Dialog far;
  far.initiator = "10.0.0.9:5060";
  far.responder = "10.0.0.2:5060";
  far.invite_ms = 5;
  EXPECT_TRUE(SameDialogOf(Seen(Dialog()), Seen(far)));
}

TEST_F(SameDialogTest, JoinsOneHopAcrossAnyClockErrorByItsMessages) {
  EXPECT_TRUE(SameDialogOf(Seen(Dialog()),
                           Seen(Dialog(), {"s2", "eth0", "hq", kHalfAnHour})));
}

TEST_F(SameDialogTest, JoinsTwoHopsAtTwoSensorsWhoseClocksAgree) {
  Dialog far;
  far.initiator = "10.0.0.9:5060";
  far.responder = "10.0.0.2:5060";
  EXPECT_TRUE(
      SameDialogOf(Seen(Dialog()), Seen(far, {"s2", "eth0", "hq", 900 * kMs})));
}

TEST_F(SameDialogTest, JoinsTwoHopsAcrossAClockErrorByTheirShape) {
  Dialog far;
  far.initiator = "10.0.0.9:5060";
  far.responder = "10.0.0.2:5060";
  EXPECT_TRUE(SameDialogOf(Seen(Dialog()),
                           Seen(far, {"s2", "eth0", "hq", kHalfAnHour})));
  far.end_ms = 25'000;
  EXPECT_FALSE(SameDialogOf(Seen(Dialog()),
                            Seen(far, {"s3", "eth0", "hq", kHalfAnHour})));
}

TEST_F(SameDialogTest, JoinsABranchTriedLateByWhatHappenedTogether) {
  Dialog second_branch;
  second_branch.initiator = "10.0.0.9:5060";
  second_branch.responder = "10.0.0.2:5060";
  Dialog first_hop;
  first_hop.answer_ms = 31'000;
  first_hop.end_ms = 60'000;
  second_branch.invite_ms = 20'000;
  second_branch.ring_ms = 20'100;
  second_branch.answer_ms = 31'000;
  second_branch.end_ms = 60'000;
  EXPECT_TRUE(SameDialogOf(Seen(first_hop), Seen(second_branch, {"s2"})));
}

TEST_F(SameDialogTest, DoesNotJoinACallIdUsedAgainASecondLater) {
  Dialog again;
  again.invite_ms = 21'000;
  again.ring_ms = 21'050;
  again.answer_ms = 22'000;
  again.end_ms = 30'000;
  EXPECT_FALSE(SameDialogOf(Seen(Dialog()), Seen(again)));
}

TEST_F(SameDialogTest, PairsUsesOfACallIdAcrossSensorsByTime) {
  Dialog far;
  far.initiator = "10.0.0.9:5060";
  far.responder = "10.0.0.2:5060";
  far.end_ms = 2500;
  Dialog near;
  near.end_ms = 2500;
  Dialog far_again = far;
  Dialog near_again = near;
  for (Dialog* again : {&far_again, &near_again}) {
    again->invite_ms = 3500;
    again->ring_ms = 3550;
    again->answer_ms = 4500;
    again->end_ms = 6000;
  }
  const Node& near_1 = Seen(near);
  const Node& near_2 = Seen(near_again);
  const Node& far_1 = Seen(far, {"s2", "eth0", "hq", 20 * kMs});
  const Node& far_2 = Seen(far_again, {"s2", "eth0", "hq", 20 * kMs});
  EXPECT_TRUE(SameDialogOf(near_1, far_1));
  EXPECT_TRUE(SameDialogOf(near_2, far_2));
  EXPECT_FALSE(SameDialogOf(near_1, far_2));
  EXPECT_FALSE(SameDialogOf(near_2, far_1));
}

TEST_F(SameDialogTest, WithdrawsTheClockErrorWhenTheCallIdIsUsedTwice) {
  const Spot late = {"s2", "eth0", "hq", kHalfAnHour};
  Dialog far;
  far.initiator = "10.0.0.9:5060";
  far.responder = "10.0.0.2:5060";
  const Node& near = Seen(Dialog());
  const Node& far_1 = Seen(far, late);
  EXPECT_TRUE(SameDialogOf(near, far_1));
  Dialog again;
  again.invite_ms = 100'000;
  again.ring_ms = 100'050;
  again.answer_ms = 102'000;
  again.end_ms = 120'000;
  Seen(again);
  EXPECT_FALSE(SameDialogOf(near, far_1));
}

TEST_F(SameDialogTest, NeedsTheTagAndAnInvite) {
  Dialog other_tag;
  other_tag.from_tag = "tag-x";
  EXPECT_FALSE(SameDialogOf(Seen(Dialog()), Seen(other_tag, {"s2"})));
  Dialog registration;
  registration.method = "REGISTER";
  EXPECT_FALSE(SameDialogOf(Seen(registration), Seen(registration, {"s2"})));
}

TEST_F(SameDialogTest, KnowsTheDialogByItsEndFromTheOtherSide) {
  Dialog bye_only;
  bye_only.began_before = true;
  bye_only.from_tag = "tag-b";
  bye_only.to_tag = "tag-a";
  EXPECT_TRUE(SameDialogOf(Seen(Dialog()), Seen(bye_only, {"s2"})));
}

// Routes differ: one sensor saw how it began, another one only how it ended.
TEST_F(SameDialogTest, KnowsTheEndThatPassedAnotherSensorOnly) {
  Dialog begun;
  begun.end_ms = -1;
  Dialog bye_only;
  bye_only.began_before = true;
  bye_only.end_ms = 3 * 3'600'000;
  const Node& beginning = Seen(begun);
  EXPECT_TRUE(SameDialogOf(beginning, Seen(bye_only, {"s2"})));
  Dialog from_callee = bye_only;
  from_callee.from_tag = "tag-b";
  from_callee.to_tag = "tag-a";
  EXPECT_TRUE(SameDialogOf(beginning, Seen(from_callee, {"s3"})));
  Dialog other_call = bye_only;
  other_call.to_tag = "tag-c";
  EXPECT_FALSE(SameDialogOf(beginning, Seen(other_call, {"s4"})));
  Dialog days_later = bye_only;
  days_later.end_ms = int64_t{50} * 3'600'000;
  EXPECT_FALSE(SameDialogOf(beginning, Seen(days_later, {"s5"})));
  Dialog later = begun;
  later.invite_ms = 7'200'000;
  later.ring_ms = later.answer_ms = later.invite_ms + 50;
  Dialog ended_before = bye_only;
  ended_before.end_ms = 3'600'000;
  EXPECT_FALSE(SameDialogOf(Seen(later, {"s8"}), Seen(ended_before, {"s9"})));
  // One that was seen to end has no other end.
  Dialog another_bye = bye_only;
  another_bye.invite_ms = 1;
  EXPECT_FALSE(SameDialogOf(Seen(Dialog(), {"s6"}), Seen(another_bye, {"s7"})));
}

// A test tool that says the same in each of its runs.
TEST_F(SameDialogTest, JoinsNoEndToOneOfSeveralBeginnings) {
  Dialog begun;
  begun.end_ms = -1;
  Dialog again = begun;
  again.invite_ms = 7'200'000;
  again.ring_ms = again.answer_ms = again.invite_ms + 50;
  Dialog bye_only;
  bye_only.began_before = true;
  bye_only.end_ms = 20'000;
  const Node& first = Seen(begun);
  Seen(again);
  EXPECT_FALSE(SameDialogOf(first, Seen(bye_only, {"s2"})));
}

using SameRtpTest = EvidenceTest;

TEST_F(SameRtpTest, JoinsTwoSensorsAcrossAnyClockError) {
  EXPECT_TRUE(SameRtpOf(Seen(Stream()),
                        Seen(Stream(), {"s2", "eth0", "hq", kHalfAnHour})));
  EXPECT_TRUE(SameRtpOf(Seen(Stream()),
                        Seen(Stream(), {"s3", "eth0", "hq", -kHalfAnHour})));
}

TEST_F(SameRtpTest, JoinsAcrossLossAndALateBeginning) {
  Stream late;
  late.start_ms += 3000;
  late.packets -= 150;
  late.sequence += 150;
  late.timestamp += 150 * 160;
  late.content_offset = 150;
  late.lose_every = 20;
  EXPECT_TRUE(SameRtpOf(Seen(Stream()), Seen(late, {"s2"})));
}

TEST_F(SameRtpTest, JoinsBehindAnAddressTranslator) {
  Stream outside;
  outside.source = "203.0.113.7:61000";
  EXPECT_TRUE(SameRtpOf(Seen(Stream()), Seen(outside, {"s2"})));
  EXPECT_TRUE(SameRtpOf(Seen(Stream(), {"s4"}),
                        Seen(outside, {"s4", "eth0", "hq", 0, 2 * kMs})));
}

TEST_F(SameRtpTest, LeavesTwoOtherEndpointsToRelays) {
  Stream relayed;
  relayed.source = "10.0.0.9:30002";
  relayed.destination = "10.0.0.2:4000";
  const Node& in = Seen(Stream());
  const Node& out = Seen(relayed);
  EXPECT_FALSE(SameRtpOf(in, out));
  EXPECT_TRUE(RelayedOf(in, out));
}

TEST_F(SameRtpTest, JoinsSilenceByNumbersAndTime) {
  Stream silence;
  silence.content = 0;
  EXPECT_TRUE(SameRtpOf(Seen(silence), Seen(silence, {"s2"})));
  EXPECT_FALSE(SameRtpOf(Seen(silence),
                         Seen(silence, {"s3", "eth0", "hq", kHalfAnHour})));
  EXPECT_FALSE(SameRtpOf(Seen(silence), Seen(silence, {"s4", "eth0", "lab"})));
}

TEST_F(SameRtpTest, DoesNotJoinOneSsrcUsedInTheNextCall) {
  Stream next;
  next.start_ms = 60'000;
  next.content = 7;
  const Node& first = Seen(Stream());
  EXPECT_FALSE(SameRtpOf(first, Seen(next)));
  EXPECT_FALSE(SameRtpOf(first, Seen(next, {"s2"})));
}

TEST_F(SameRtpTest, PairsRepeatedContentByTime) {
  Stream next;
  next.start_ms = 60'000;
  const Node& here_1 = Seen(Stream());
  const Node& here_2 = Seen(next);
  const Node& there_1 = Seen(Stream(), {"s2", "eth0", "hq", 5 * kMs});
  const Node& there_2 = Seen(next, {"s2", "eth0", "hq", 5 * kMs});
  EXPECT_TRUE(SameRtpOf(here_1, there_1));
  EXPECT_TRUE(SameRtpOf(here_2, there_2));
  EXPECT_FALSE(SameRtpOf(here_1, there_2));
  EXPECT_FALSE(SameRtpOf(here_2, there_1));
  EXPECT_FALSE(SameRtpOf(here_1, here_2));
}

TEST_F(SameRtpTest, WithdrawsTheClockErrorWhenContentRepeats) {
  const Node& here = Seen(Stream());
  const Node& there = Seen(Stream(), {"s2", "eth0", "hq", kHalfAnHour});
  EXPECT_TRUE(SameRtpOf(here, there));
  EXPECT_FALSE(SameRtpOf(here, there, /*complete=*/false));
  Stream next;
  next.start_ms = 60'000;
  Seen(next);
  EXPECT_FALSE(SameRtpOf(here, there));
}

TEST_F(SameRtpTest, DoesNotTakePagingForAddressTranslation) {
  std::vector<const Node*> copies;
  for (int i = 0; i < 5; ++i) {
    Stream page;
    page.destination = "10.0.1." + std::to_string(i + 1) + ":5004";
    copies.push_back(&Seen(page));
  }
  EXPECT_FALSE(SameRtpOf(*copies[0], *copies[1]));
}

TEST_F(SameRtpTest, ContinuesAfterSilenceAtOneCapturePoint) {
  Stream later;
  later.start_ms += 800 * 20 + 30'000;
  later.sequence += 800;
  later.content_offset = 800;
  const Node& first = Seen(Stream());
  EXPECT_TRUE(SameRtpOf(first, Seen(later)));
  later.sequence += 20'000;
  EXPECT_FALSE(SameRtpOf(first, Seen(later)));
}

TEST_F(SameRtpTest, ContinuesWhereTheSensorWasAway) {
  Stream later;
  later.start_ms += 800 * 20 + 10'000;
  later.sequence += 800 + 500;
  later.content_offset = 1300;
  EXPECT_TRUE(SameRtpOf(Seen(Stream()), Seen(later)));
}

TEST_F(SameRtpTest, ContinuesWhereTheTimestampDoesThoughThePaceDoesNot) {
  // With pauses, so that fewer packets are missing than the time would hold.
  Stream later;
  later.start_ms += 800 * 20 + 10'000;
  later.sequence += 800 + 200;
  later.timestamp += (800 * 20 + 10'000) * 8;
  later.content_offset = 1000;
  const Node& first = Seen(Stream());
  EXPECT_TRUE(SameRtpOf(first, Seen(later)));
  later.timestamp += 2 * 8000;
  EXPECT_FALSE(SameRtpOf(first, Seen(later)));
}

using RelayedPayloadTest = EvidenceTest;

Stream Outgoing() {
  Stream out;
  out.source = "10.0.0.9:30002";
  out.destination = "10.0.0.2:4000";
  out.ssrc = 0x22222222;
  out.sequence = 50;
  out.timestamp = 9;
  return out;
}

TEST_F(RelayedPayloadTest, JoinsWhatARelaySendsOnUnderItsOwnNumbers) {
  EXPECT_TRUE(RelayedOf(Seen(Stream()),
                        Seen(Outgoing(), {"s1", "eth0", "hq", 0, 40 * kMs})));
}

TEST_F(RelayedPayloadTest, JoinsAcrossSensorsWhoseClocksAgree) {
  EXPECT_TRUE(RelayedOf(Seen(Stream()),
                        Seen(Outgoing(), {"s2", "eth0", "hq", 2 * kSecond})));
}

TEST_F(RelayedPayloadTest, DoesNotJoinAVoiceMailWithItsPlayback) {
  EXPECT_FALSE(RelayedOf(Seen(Stream()),
                         Seen(Outgoing(), {"s2", "eth0", "hq", kHalfAnHour})));
}

TEST_F(RelayedPayloadTest, AcrossSensorsNeedsContentThatOccursOnce) {
  const Node& in = Seen(Stream());
  const Node& out = Seen(Outgoing(), {"s2"});
  EXPECT_TRUE(RelayedOf(in, out));
  Stream again = Outgoing();
  again.start_ms += 900;
  again.source = "10.0.5.1:4000";
  again.destination = "10.0.5.2:4000";
  Seen(again, {"s2"});
  EXPECT_FALSE(RelayedOf(in, out));
}

TEST_F(RelayedPayloadTest, JoinsOverARelayWithTwoAddresses) {
  Stream out = Outgoing();
  out.source = "203.0.113.9:30002";
  EXPECT_TRUE(RelayedOf(Seen(Stream()), Seen(out)));
}

TEST_F(RelayedPayloadTest, DoesNotJoinWhatLeftBeforeItCame) {
  EXPECT_FALSE(RelayedOf(Seen(Stream(), {"s1", "eth0", "hq", 0, 300 * kMs}),
                         Seen(Outgoing())));
}

TEST_F(RelayedPayloadTest, DoesNotJoinMusicOnHold) {
  Stream to_first = Outgoing();
  Stream to_second = Outgoing();
  to_second.destination = "10.0.0.3:4000";
  to_second.ssrc = 0x33333333;
  const Node& first = Seen(to_first);
  const Node& second = Seen(to_second);
  EXPECT_FALSE(RelayedOf(first, second));
}

TEST_F(RelayedPayloadTest, IsWithdrawnWhenAThirdStreamHasThePayloads) {
  const Node& in = Seen(Stream());
  const Node& out = Seen(Outgoing());
  EXPECT_TRUE(RelayedOf(in, out));
  Stream fan = Outgoing();
  fan.destination = "10.0.0.3:4000";
  fan.ssrc = 0x33333333;
  Seen(fan);
  EXPECT_FALSE(RelayedOf(in, out));
}

TEST_F(RelayedPayloadTest, DoesNotJoinOneFilePlayedInEveryCall) {
  Stream next_in;
  next_in.start_ms = 60'000;
  Stream next_out = Outgoing();
  next_out.start_ms = 60'000;
  const Node& in_1 = Seen(Stream());
  const Node& out_1 = Seen(Outgoing());
  const Node& in_2 = Seen(next_in);
  const Node& out_2 = Seen(next_out);
  EXPECT_TRUE(RelayedOf(in_1, out_1));
  EXPECT_TRUE(RelayedOf(in_2, out_2));
  EXPECT_FALSE(RelayedOf(in_1, out_2));
  EXPECT_FALSE(RelayedOf(in_2, out_1));
}

TEST_F(RelayedPayloadTest, NeedsPayloadsThatSaySomething) {
  Stream in;
  in.content = 0;
  Stream out = Outgoing();
  out.content = 0;
  EXPECT_FALSE(RelayedOf(Seen(in), Seen(out)));
}

using ReverseFlowTest = EvidenceTest;

TEST_F(ReverseFlowTest, JoinsBothDirectionsOfOneFlow) {
  const Stream there;
  const Node& out = Seen(there);
  EXPECT_TRUE(ReverseOf(out, Seen(Reply(there, 2, 2))));
  EXPECT_TRUE(ReverseOf(
      out, Seen(Reply(there, 2, 2), {"s2", "eth0", "hq", 2 * kSecond})));
}

TEST_F(ReverseFlowTest, DoesNotJoinTheNextUseOfTheSamePorts) {
  const Stream there;
  Stream next = Reply(there, 2, 2);
  next.start_ms += 800 * 20 + 500;
  const Node& out = Seen(there);
  EXPECT_FALSE(ReverseOf(out, Seen(next)));
  EXPECT_FALSE(ReverseOf(out, Seen(next, {"s2", "eth0", "hq", -kSecond})));
}

TEST_F(ReverseFlowTest, DoesNotJoinTheSameAddressesInTwoSites) {
  const Stream there;
  EXPECT_FALSE(
      ReverseOf(Seen(there), Seen(Reply(there, 2, 2), {"s2", "eth0", "lab"})));
}

}  // namespace
}  // namespace callbraid::collector
