#include <string>

#include "collector/store/tokens.h"
#include "tests/unit/collector/correlate/link_scenes.h"

// Session-ID, and what holds for every value that legs have in common.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kMs;
using fakes::kSecond;
using scenes::Between;
using scenes::kUuidA;
using scenes::kUuidB;
using scenes::LegOf;
using scenes::With;
using store::v1::LINK_KIND_SESSION_ID;

class SessionIdTest : public scenes::LinkTest {
 protected:
  static Dialog Carry(const Dialog& leg, const std::string& uuid = kUuidA) {
    return With(leg, LINK_KIND_SESSION_ID, uuid);
  }
  std::optional<Evidence> Of(const Node& a, const Node& b) {
    return BySharing(a, b, SessionId);
  }
  // The legs of one call through 10.0.0.9, each with numbers of its own.
  Dialog In(const std::string& id = "in", const std::string& phone = "10.0.1.1",
            int64_t start_ms = 0) {
    return Carry(Between(LegOf(id, phone, "10.0.0.9", start_ms), id, "9" + id));
  }
  Dialog Out(const std::string& id = "out",
             const std::string& phone = "10.0.2.1", int64_t start_ms = 20) {
    return Carry(Between(LegOf(id, "10.0.0.9", phone, start_ms), id, "9" + id));
  }
};

TEST_F(SessionIdTest, JoinsInAndOutOfAB2bua) {
  const auto evidence = Of(Seen(In()), Seen(Out()));
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->kind, v1::EVIDENCE_KIND_SESSION_ID);
  EXPECT_EQ(evidence->score, policy_.session_id);
  EXPECT_EQ(evidence->detail, std::string("Session-ID ") + kUuidA);
}

TEST_F(SessionIdTest, IsSurerWithBothHalves) {
  const auto evidence =
      Of(Seen(Carry(In(), kUuidB)), Seen(Carry(Out(), kUuidB)));
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->score, policy_.session_id_both);
}

TEST_F(SessionIdTest, JoinsALegThatTheQueueSetsUpMinutesLater) {
  Dialog in = In();
  in.end_ms = 400'000;
  EXPECT_TRUE(Of(Seen(in), Seen(Out("out", "10.0.2.1", 300'000))));
}

TEST_F(SessionIdTest, DoesNotJoinWhatCameBefore) {
  Dialog in = In("in", "10.0.1.1", 8000);
  EXPECT_FALSE(Of(Seen(in), Seen(Out())));
}

TEST_F(SessionIdTest, DoesNotJoinCallsThatFollowEachOther) {
  EXPECT_FALSE(Of(Seen(In()), Seen(Out("out", "10.0.2.1", 60'000))));
}

TEST_F(SessionIdTest, DoesNotJoinTwoCallersOfOneHost) {
  const Node& a = Seen(In());
  const Node& b = Seen(In("in2", "10.0.1.2", 500));
  EXPECT_FALSE(Of(a, b));
}

TEST_F(SessionIdTest, SaysNothingIfTwoCallersOfOneHostCarryIt) {
  const Node& in = Seen(In());
  const Node& out = Seen(Out());
  ASSERT_TRUE(Of(in, out));
  Seen(In("in2", "10.0.1.2", 500));
  EXPECT_FALSE(Of(in, out));
}

TEST_F(SessionIdTest, SaysNothingIfOneHostTalksToTwoWithIt) {
  const Node& in = Seen(In());
  const Node& out = Seen(Out());
  Seen(Out("out2", "10.0.2.2", 700));
  EXPECT_FALSE(Of(in, out));
}

TEST_F(SessionIdTest, ToleratesForksOfWhichOneIsAnswered) {
  Dialog fork = Out("out2", "10.0.2.2");
  fork.answer_ms = -1;
  fork.end_ms = 2100;
  fork.end_reason = v1::END_REASON_CANCELLED;
  const Node& in = Seen(In());
  const Node& out = Seen(Out());
  const Node& other = Seen(fork);
  EXPECT_TRUE(Of(in, out));
  EXPECT_TRUE(Of(in, other));
  EXPECT_TRUE(Of(out, other));
}

TEST_F(SessionIdTest, ToleratesATransferThatTakesTurns) {
  Dialog first = Out();
  Dialog second = Out("out2", "10.0.2.2", 15'000);
  first.end_ms = 19'000;
  second.end_ms = 40'000;
  Dialog in = In();
  in.end_ms = 40'000;
  const Node& a = Seen(in);
  EXPECT_TRUE(Of(a, Seen(first)));
  EXPECT_TRUE(Of(a, Seen(second)));
}

// RFC 7989, section 8: after a transfer each party is told of the other.
TEST_F(SessionIdTest, ToleratesATransferAfterALongConsultation) {
  const std::string ann(32, 'a');
  const std::string bob(32, 'b');
  const std::string asking(32, '2');
  const std::string cem(32, 'c');
  const auto say = [](Dialog& leg, const std::string& uuid, int64_t at_ms) {
    leg.links.push_back(
        {.kind = LINK_KIND_SESSION_ID, .value = uuid, .at_ms = at_ms});
  };
  Dialog in = Between(LegOf("in", "10.0.1.1", "10.0.0.9"), "101", "102");
  Dialog out = Between(LegOf("out", "10.0.0.9", "10.0.1.2", 20), "71", "72");
  Dialog consult =
      Between(LegOf("consult", "10.0.1.2", "10.0.0.9", 20'000), "102", "103");
  Dialog last =
      Between(LegOf("last", "10.0.0.9", "10.0.1.3", 20'020), "73", "74");
  in.end_ms = last.end_ms = 90'000;
  out.end_ms = consult.end_ms = 50'200;
  for (Dialog* leg : {&in, &out}) {
    say(*leg, ann, -1);
    say(*leg, bob, leg->answer_ms);
  }
  for (Dialog* leg : {&consult, &last}) {
    say(*leg, asking, -1);
    say(*leg, cem, leg->answer_ms);
  }
  say(in, cem, 50'000);
  say(last, ann, 50'000);
  const Node& a = Seen(in);
  const Node& b = Seen(out);
  const Node& c = Seen(consult);
  const Node& d = Seen(last);
  EXPECT_TRUE(Of(a, b));
  EXPECT_TRUE(Of(c, d));
  EXPECT_TRUE(Of(a, d));
  EXPECT_FALSE(Of(a, c));
}

TEST_F(SessionIdTest, DoesNotLetAStrangerInWhoTakesTheValueUpInMidCall) {
  Dialog stranger = LegOf("stranger", "10.0.6.6", "10.0.0.9", 500);
  Dialog called = LegOf("called", "10.0.0.9", "10.0.6.6", 500);
  for (Dialog* leg : {&stranger, &called}) {
    leg->links.push_back(
        {.kind = LINK_KIND_SESSION_ID, .value = kUuidA, .at_ms = 9000});
  }
  const Node& in = Seen(In());
  const Node& out = Seen(Out());
  const Node& other = Seen(stranger);
  EXPECT_TRUE(Of(in, out));
  EXPECT_FALSE(Of(other, in));
  EXPECT_FALSE(Of(other, out));
  // In talk with two: nothing tells which of them is meant.
  const Node& third = Seen(called);
  EXPECT_FALSE(Of(in, third));
}

TEST_F(SessionIdTest, WantsTheNumbersWhereTheValueIsUsedAgain) {
  const Node& in = Seen(In());
  const Node& out = Seen(Out());
  EXPECT_TRUE(Of(in, out));
  Seen(In("later", "10.0.1.3", 900'000));
  EXPECT_FALSE(Of(in, out));
}

TEST_F(SessionIdTest, IsLessSureWhereTheValueIsUsedAgain) {
  const Node& in = Seen(In());
  const Node& out = Seen(Between(Out(), "in", "102"));
  Seen(In("later", "10.0.1.3", 900'000));
  const auto evidence = Of(in, out);
  ASSERT_TRUE(evidence);
  EXPECT_DOUBLE_EQ(evidence->score, policy_.session_id * policy_.reused_value);
}

TEST_F(SessionIdTest, SaysNothingWhereTooManyCarryIt) {
  crowded_ = {LinkToken(LINK_KIND_SESSION_ID, kUuidA)};
  EXPECT_FALSE(Of(Seen(In()), Seen(Out())));
}

TEST_F(SessionIdTest, SaysNothingOfMoreLegsThanACallHas) {
  const Node& in = Seen(In());
  const Node& out = Seen(Out());
  for (int i = 0; i < 11; ++i) {
    Dialog fork =
        Out("fork" + std::to_string(i), "10.0.3." + std::to_string(i));
    fork.answer_ms = -1;
    fork.end_ms = 2000;
    Seen(fork);
  }
  EXPECT_FALSE(Of(in, out));
}

TEST_F(SessionIdTest, JoinsAcrossAHostWithTwoAddressesByANumber) {
  const Node& in = Seen(Between(In(), "101", "030111222333"));
  Dialog far = LegOf("far", "203.0.113.5", "203.0.113.9", 30);
  const Node& out = Seen(Carry(Between(far, "4930999", "+4930111222333")));
  EXPECT_TRUE(Of(in, out));
  const Node& other = Seen(
      Carry(Between(LegOf("o", "203.0.113.6", "203.0.113.8", 30), "7", "8")));
  EXPECT_FALSE(Of(in, other));
}

TEST_F(SessionIdTest, TakesOnePrivateAddressInTwoSitesForTwoHosts) {
  EXPECT_FALSE(Of(Seen(In()), Seen(Out(), {"s2", "eth0", "branch"})));
}

TEST_F(SessionIdTest, AllowsForTheClocksOfTwoSensors) {
  EXPECT_TRUE(Of(Seen(In()), Seen(Out(), {"s2", "eth0", "hq", -3 * kSecond})));
  EXPECT_FALSE(
      Of(Seen(In()), Seen(Out(), {"s2", "eth0", "hq", -400 * kSecond})));
}

TEST_F(SessionIdTest, LeavesOneDialogToItsCallId) {
  Dialog far = Out();
  far.call_id = "in";
  EXPECT_FALSE(Of(Seen(In()), Seen(far)));
}

TEST_F(SessionIdTest, JoinsTheLegsOfAConference) {
  Dialog first = In();
  Dialog second = In("in2", "10.0.1.2", 4000);
  first.responder_is_focus = second.responder_is_focus = true;
  EXPECT_TRUE(Of(Seen(first), Seen(second)));
}

TEST_F(SessionIdTest, DoesNotTakeACallerForAConferenceAtItsWord) {
  Node in = *MakeNode(See(In(), {}));
  Node stranger = *MakeNode(See(In("stranger", "10.0.6.6", 500), {}));
  for (Node* node : {&in, &stranger}) {
    node->stored.observation.mutable_dialog()->set_initiator_is_focus(true);
  }
  const LinkGroup group(LinkToken(LINK_KIND_SESSION_ID, kUuidA),
                        {&in, &stranger}, policy_);
  EXPECT_EQ(group.Between(in, stranger), LinkTrust::kNone);
}

TEST_F(SessionIdTest, DoesNotLetAStrangerInWhoClaimsToReplaceSomething) {
  Dialog stranger = In("stranger", "10.0.6.6", 500);
  stranger.links.push_back({.kind = store::v1::LINK_KIND_REPLACES,
                            .value = "unknown",
                            .to_tag = "x",
                            .from_tag = "y"});
  const Node& in = Seen(In());
  const Node& out = Seen(Out());
  const Node& other = Seen(stranger);
  EXPECT_TRUE(Of(in, out));
  EXPECT_FALSE(Of(other, in));
  EXPECT_FALSE(Of(other, out));
}

TEST_F(SessionIdTest, GoesByWhatIsKnownOfTheClocks) {
  const fakes::Spot ahead{"s2", "eth0", "hq", 2112 * kSecond};
  const Node& in = Seen(In());
  const Node& out = Seen(Out(), ahead);
  EXPECT_FALSE(Of(in, out));
  KnowClocks({{}, ahead});
  EXPECT_TRUE(Of(in, out));
  // Another that comes in there at that moment.
  Seen(In("in2", "10.0.1.2"), {"s2", "eth1", "hq", 2112 * kSecond});
  EXPECT_FALSE(Of(in, out));
}

}  // namespace
}  // namespace callbraid::collector
