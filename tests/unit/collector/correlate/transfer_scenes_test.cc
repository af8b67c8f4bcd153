#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "tests/unit/collector/correlate/sip_scene.h"

// Transfers, pickup, redirection and conferences, from the messages on the wire
// to one call.

namespace callbraid::collector {
namespace {

using scenes::Escaped;
using scenes::SipDialog;
using ::testing::Contains;

constexpr char kAnn[] = "10.0.1.1";
constexpr char kBob[] = "10.0.1.2";
constexpr char kCem[] = "10.0.1.3";
constexpr char kPbx[] = "10.0.0.9";

class TransferScene : public scenes::SipScene {
 protected:
  // RTP both ways between two endpoints of a call.
  void Talk(int64_t from_ms, int64_t to_ms, const std::string& a,
            const std::string& b, uint32_t seed) {
    fakes::Stream stream;
    stream.source = a;
    stream.destination = b;
    stream.start_ms = from_ms;
    stream.packets = (to_ms - from_ms) / 20;
    stream.ssrc = seed;
    stream.content = seed;
    braid_.Add(See(stream, fakes::Spot()));
    braid_.Add(See(fakes::Reply(stream, seed + 1, seed + 1), fakes::Spot()));
  }
  // Who speaks to `destination` is on this side.
  static v1::Side SideOf(const v1::Call& call, const std::string& source) {
    for (const v1::Stream& stream : call.streams()) {
      if (stream.source() == source) return stream.side();
    }
    return v1::SIDE_UNSPECIFIED;
  }
  static const v1::Leg& LegOf(const v1::Call& call, const std::string& id) {
    for (const v1::Leg& leg : call.legs()) {
      if (leg.call_id() == id) return leg;
    }
    ADD_FAILURE() << "no leg " << id;
    return v1::Leg::default_instance();
  }
};

TEST_F(TransferScene, BlindByThePhonesThemselves) {
  const SipDialog first = {"first", "101", "102", kAnn, kBob};
  const SipDialog second = {"second", "101", "103", kAnn, kCem};
  Connect(0, first, "", "10.0.1.1:4000", "10.0.1.2:4000");
  Settle();
  const std::string id = CallOf("first").id();
  Refer(9000, first, /*by_callee=*/true, "sip:103@10.0.1.3");
  Invite(9100, second, "Referred-By: <sip:102@h>\r\n", "10.0.1.1:4002");
  Reply(9150, second, 180);
  Bye(9200, first, true);
  Settle();

  // Bob is gone, Cem's phone rings: the call goes on.
  v1::Call call = CallOf("first");
  EXPECT_EQ(call.id(), id);
  EXPECT_TRUE(Together("first", "second"));
  EXPECT_EQ(call.state(), v1::CALL_STATE_ACTIVE);
  EXPECT_FALSE(call.has_end_time());
  EXPECT_THAT(KindsOf(call), Contains(v1::EVIDENCE_KIND_TRANSFER));

  Reply(11'000, second, 200, "", "10.0.1.3:4000");
  Talk(1010, 9000, "10.0.1.1:4000", "10.0.1.2:4000", 11);
  Talk(11'020, 20'000, "10.0.1.1:4002", "10.0.1.3:4000", 21);
  Bye(20'000, second);
  Settle();
  call = CallOf("second");
  EXPECT_EQ(call.id(), id);
  EXPECT_EQ(call.state(), v1::CALL_STATE_COMPLETED);
  EXPECT_EQ(call.end_time().seconds() - call.start_time().seconds(), 20);
  EXPECT_EQ(call.caller(), "101");
  EXPECT_EQ(call.callee(), "102");
  ASSERT_EQ(call.legs_size(), 2);
  EXPECT_EQ(call.legs(0).call_id(), "first");
  EXPECT_EQ(call.legs(0).continues(), "");
  EXPECT_EQ(call.legs(1).continues(), call.legs(0).id());
  ASSERT_EQ(call.streams_size(), 4);
  EXPECT_EQ(SideOf(call, "10.0.1.1:4000"), v1::SIDE_CALLER);
  EXPECT_EQ(SideOf(call, "10.0.1.1:4002"), v1::SIDE_CALLER);
  EXPECT_EQ(SideOf(call, "10.0.1.2:4000"), v1::SIDE_CALLEE);
  EXPECT_EQ(SideOf(call, "10.0.1.3:4000"), v1::SIDE_CALLEE);
}

TEST_F(TransferScene, BlindByTheCallerPutsTheNewPartyInItsPlace) {
  // Bob calls Ann and sends her on to Cem, so Ann calls Cem.
  const SipDialog first = {"first", "102", "101", kBob, kAnn};
  const SipDialog second = {"second", "101", "103", kAnn, kCem};
  Connect(0, first, "", "10.0.1.2:4000", "10.0.1.1:4000");
  Refer(9000, first, /*by_callee=*/false, "sip:103@10.0.1.3");
  Connect(9100, second, "", "10.0.1.1:4002", "10.0.1.3:4000");
  Bye(10'500, first);
  Settle();
  Talk(1010, 9000, "10.0.1.1:4000", "10.0.1.2:4000", 11);
  Talk(10'200, 20'000, "10.0.1.1:4002", "10.0.1.3:4000", 21);
  const v1::Call call = CallOf("first");
  EXPECT_EQ(call.caller(), "102");
  EXPECT_EQ(call.callee(), "101");
  EXPECT_EQ(call.state(), v1::CALL_STATE_ACTIVE);
  // Ann stays on the right, though it is she who called Cem.
  EXPECT_EQ(SideOf(call, "10.0.1.2:4000"), v1::SIDE_CALLER);
  EXPECT_EQ(SideOf(call, "10.0.1.1:4000"), v1::SIDE_CALLEE);
  EXPECT_EQ(SideOf(call, "10.0.1.1:4002"), v1::SIDE_CALLEE);
  EXPECT_EQ(SideOf(call, "10.0.1.3:4000"), v1::SIDE_CALLER);
}

TEST_F(TransferScene, BlindByAPbxInTheMiddle) {
  const SipDialog in = {"in", "101", "102", kAnn, kPbx};
  const SipDialog out = {"out", "101", "102", kPbx, kBob};
  const SipDialog next = {"next", "101", "103", kPbx, kCem};
  Connect(0, in);
  Connect(20, out);
  Refer(9000, out, /*by_callee=*/true, "sip:103@10.0.0.9");
  Connect(9050, next, "Referred-By: <sip:102@h>\r\n");
  Bye(9100, out);
  Settle();
  const v1::Call call = CallOf("in");
  EXPECT_TRUE(Together("in", "out"));
  EXPECT_TRUE(Together("in", "next"));
  EXPECT_EQ(call.state(), v1::CALL_STATE_ACTIVE);
  ASSERT_EQ(call.legs_size(), 3);
  EXPECT_EQ(call.legs(0).call_id(), "in");
  EXPECT_EQ(LegOf(call, "next").continues(), LegOf(call, "out").id());
  Bye(20'000, in);
  Bye(20'010, next);
  Settle();
  EXPECT_EQ(CallOf("in").state(), v1::CALL_STATE_COMPLETED);
  EXPECT_TRUE(Together("in", "next"));
}

TEST_F(TransferScene, AttendedByReplaces) {
  const SipDialog first = {"first", "101", "102", kAnn, kBob};
  const SipDialog consult = {"consult", "102", "103", kBob, kCem};
  const SipDialog last = {"last", "101", "103", kAnn, kCem};
  Connect(0, first);
  Connect(5000, consult);
  Settle();
  EXPECT_FALSE(Together("first", "consult"));
  Refer(9000, first, /*by_callee=*/true,
        "sip:103@10.0.1.3?Replaces=" + Escaped(consult.Replaces()));
  Connect(9100, last, "Replaces: " + consult.Replaces() + "\r\n");
  Bye(10'150, consult, true);
  Bye(10'200, first);
  Settle();
  const v1::Call call = CallOf("first");
  EXPECT_TRUE(Together("first", "consult"));
  EXPECT_TRUE(Together("first", "last"));
  EXPECT_EQ(call.state(), v1::CALL_STATE_ACTIVE);
  EXPECT_EQ(call.caller(), "101");
  EXPECT_EQ(call.callee(), "102");
  EXPECT_EQ(LegOf(call, "consult").continues(), LegOf(call, "first").id());
  EXPECT_EQ(LegOf(call, "last").continues(), LegOf(call, "consult").id());
  EXPECT_THAT(KindsOf(call), Contains(v1::EVIDENCE_KIND_REPLACES));
}

TEST_F(TransferScene, AttendedByAPbxThatConnectsTheTwoItself) {
  // No INVITE follows: the PBX has both calls already.
  const SipDialog first = {"first", "101", "102", kPbx, kBob};
  const SipDialog consult = {"consult", "102", "103", kBob, kPbx};
  Connect(0, first);
  Connect(5000, consult);
  Refer(9000, first, /*by_callee=*/true,
        "sip:103@10.0.0.9?Replaces=" + Escaped(consult.Replaces()));
  Settle();
  EXPECT_TRUE(Together("first", "consult"));
}

TEST_F(TransferScene, PickupOfARingingCall) {
  const SipDialog ringing = {"ringing", "101", "102", kAnn, kBob};
  const SipDialog pickup = {"pickup", "103", "101", kCem, kAnn};
  Invite(0, ringing, "", "10.0.1.1:4000");
  Reply(50, ringing, 180);
  Invite(4000, pickup,
         "Replaces: " + ringing.ReplacesToInitiator() + ";early-only\r\n",
         "10.0.1.3:4000");
  Settle();
  // Not yet: Ann may refuse it.
  EXPECT_FALSE(Together("ringing", "pickup"));
  Reply(4050, pickup, 200, "", "10.0.1.1:4002");
  Request(4060, ringing, "CANCEL", false, "", "", "");
  Reply(4080, ringing, 487);
  Settle();
  Talk(4070, 10'000, "10.0.1.1:4002", "10.0.1.3:4000", 21);
  const v1::Call call = CallOf("ringing");
  EXPECT_TRUE(Together("ringing", "pickup"));
  EXPECT_EQ(call.caller(), "101");
  EXPECT_EQ(call.callee(), "102");
  EXPECT_EQ(call.state(), v1::CALL_STATE_ACTIVE);
  EXPECT_EQ(call.final_status(), 200u);
  EXPECT_EQ(LegOf(call, "pickup").continues(), LegOf(call, "ringing").id());
  // Who picked up sits where the callee would have, though it called.
  EXPECT_EQ(SideOf(call, "10.0.1.1:4002"), v1::SIDE_CALLER);
  EXPECT_EQ(SideOf(call, "10.0.1.3:4000"), v1::SIDE_CALLEE);
}

TEST_F(TransferScene, GroupPickupByAFeatureCode) {
  const SipDialog in = {"in", "101", "102", kAnn, kPbx};
  const SipDialog ringing = {"ringing", "101", "102", kPbx, kBob};
  const SipDialog pickup = {"pickup", "103", "*8", kCem, kPbx};
  Invite(0, in);
  Invite(20, ringing);
  Reply(50, ringing, 180);
  Reply(60, in, 180);
  Connect(4000, pickup, "Replaces: " + ringing.ReplacesToInitiator() + "\r\n");
  Request(5020, ringing, "CANCEL", false, "", "", "");
  Reply(5040, ringing, 487);
  Reply(5050, in, 200);
  Settle();
  EXPECT_TRUE(Together("ringing", "pickup"));
}

TEST_F(TransferScene, RedirectedWithTheSameCallId) {
  const SipDialog first = {"call", "101", "102", kAnn, kBob};
  SipDialog again = first;
  again.to_host = kCem;
  again.cseq = 2;
  Invite(0, first);
  Reply(50, first, 302, "Contact: <sip:102@10.0.1.3>\r\n");
  Settle();
  const std::string id = CallOf("call").id();
  EXPECT_EQ(CallOf("call").final_status(), 302u);
  Connect(3000, again);
  Settle();
  const v1::Call call = CallOf("call");
  EXPECT_EQ(call.id(), id);
  ASSERT_EQ(call.legs_size(), 2);
  EXPECT_EQ(call.legs(1).continues(), call.legs(0).id());
  EXPECT_EQ(call.state(), v1::CALL_STATE_ACTIVE);
  EXPECT_EQ(call.final_status(), 200u);
}

TEST_F(TransferScene, RedirectedWithAnotherCallId) {
  const SipDialog first = {"first", "101", "102", kPbx, kBob};
  const SipDialog second = {"second", "101", "103", kPbx, kCem};
  Invite(0, first);
  Reply(50, first, 302, "Contact: <sip:103@10.0.1.3>;q=1\r\n");
  Connect(200, second);
  Settle();
  EXPECT_TRUE(Together("first", "second"));
  EXPECT_EQ(CallOf("first").state(), v1::CALL_STATE_ACTIVE);
  EXPECT_EQ(CallOf("first").callee(), "102");
}

TEST_F(TransferScene, ConferenceThatAFocusSetsUp) {
  // Ann asks the focus to call Bob (RFC 4579, section 5.5); Cem joins.
  const SipDialog ann = {"ann", "101", "conf7", kAnn, kPbx};
  const SipDialog bob = {"bob", "conf7", "102", kPbx, kBob};
  const SipDialog cem = {"cem", "103", "conf7", kCem, kPbx};
  const SipDialog other = {"other", "104", "conf7", "10.0.1.4", kPbx};
  const std::string focus = "Contact: <sip:conf7@10.0.0.9>;isfocus\r\n";
  Invite(0, ann);
  Reply(1000, ann, 200, focus);
  Refer(4000, ann, /*by_callee=*/false, "sip:102@10.0.0.9");
  Connect(4050, bob, "Referred-By: <sip:101@h>\r\n");
  Invite(7000, cem, "Join: " + ann.Replaces() + "\r\n");
  Reply(7100, cem, 200, focus);
  Invite(8000, other);
  Reply(8100, other, 200, focus);
  Settle();
  EXPECT_TRUE(Together("ann", "bob"));
  EXPECT_TRUE(Together("ann", "cem"));
  // Nothing but the room links this one.
  EXPECT_FALSE(Together("ann", "other"));
}

TEST_F(TransferScene, AgentThatAQueueCallsMinutesLater) {
  const SipDialog in = {"queue-in", "0171222333444", "800", kAnn, kPbx};
  const SipDialog agent = {"agent-out", "0171222333444", "31", kPbx, kBob};
  Connect(0, in);
  Connect(240'000, agent, "X-CID: queue-in\r\nX-Call-ID: something-else\r\n");
  Settle();
  // The dialog is heard of again when it ends.
  Bye(300'000, in);
  Bye(300'010, agent);
  Settle();
  EXPECT_TRUE(Together("queue-in", "agent-out"));
  EXPECT_THAT(KindsOf(CallOf("queue-in")),
              Contains(v1::EVIDENCE_KIND_LINK_HEADER));
}

TEST_F(TransferScene, ATransferThatFailedLeavesTheCallAsItWas) {
  const SipDialog first = {"first", "101", "102", kAnn, kBob};
  const SipDialog busy = {"busy", "101", "103", kAnn, kCem};
  Connect(0, first);
  Refer(9000, first, true, "sip:103@10.0.1.3");
  Invite(9100, busy);
  Reply(9200, busy, 486);
  Settle();
  EXPECT_TRUE(Together("first", "busy"));
  EXPECT_EQ(CallOf("first").state(), v1::CALL_STATE_ACTIVE);
  Bye(15'000, first);
  Settle();
  const v1::Call call = CallOf("first");
  EXPECT_EQ(call.state(), v1::CALL_STATE_COMPLETED);
  EXPECT_EQ(call.end_reason(), v1::END_REASON_BYE);
  EXPECT_EQ(call.final_status(), 200u);
}

TEST_F(TransferScene, TriedAgainToOneThatWasBusy) {
  SipDialog first = {"first", "101", "102", kAnn, kBob};
  const SipDialog busy = {"busy", "101", "103", kAnn, kCem};
  const SipDialog again = {"again", "101", "103", kAnn, kCem};
  Connect(0, first);
  Refer(9000, first, true, "sip:103@10.0.1.3");
  Invite(9100, busy);
  Reply(9200, busy, 486);
  first.cseq = 5;
  Refer(40'000, first, true, "sip:103@10.0.1.3");
  Connect(40'100, again);
  Settle();
  EXPECT_TRUE(Together("first", "busy"));
  EXPECT_TRUE(Together("first", "again"));
}

TEST_F(TransferScene, TransferredOnAndOn) {
  const SipDialog out = {"out", "101", "102", kPbx, kBob};
  const SipDialog next = {"next", "101", "103", kPbx, kCem};
  const SipDialog last = {"last", "101", "104", kPbx, "10.0.1.4"};
  // Some PBXs tell whom a call is from by REFER, some phones do, some neither.
  Connect(0, out, "Referred-By: <sip:100@h>\r\n");
  Refer(9000, out, /*by_callee=*/true, "sip:103@10.0.0.9");
  Connect(9050, next, "Referred-By: <sip:102@h>\r\n");
  Request(19'000, next, "REFER", true, next.to_tag(),
          "Refer-To: <sip:104@h>\r\nReferred-By: <sip:103@h>\r\n", "");
  Response(19'005, next, "REFER", 202, true, "", "");
  Connect(19'050, last);
  Settle();
  EXPECT_TRUE(Together("out", "next"));
  EXPECT_TRUE(Together("next", "last"));
}

TEST_F(TransferScene, ToAQueueThatEverybodyIsTransferredTo) {
  constexpr int kCalls = 70;
  for (int i = 0; i < kCalls; ++i) {
    const std::string n = std::to_string(i);
    const std::string caller = std::to_string(20'100 + i);
    const SipDialog first = {"first" + n, caller, "102", kPbx, kBob};
    const SipDialog next = {"next" + n, caller, "900", kPbx, kCem};
    const int64_t start_ms = i * 30'000;
    Connect(start_ms, first);
    Refer(start_ms + 300'000, first, /*by_callee=*/true, "sip:900@10.0.0.9");
    Connect(start_ms + 300'100, next);
  }
  Settle();
  for (int i = 0; i < kCalls; ++i) {
    const std::string n = std::to_string(i);
    EXPECT_TRUE(Together("first" + n, "next" + n)) << n;
  }
}

TEST_F(TransferScene, SeenByTwoSensorsIsTheSameCall) {
  const SipDialog first = {"first", "101", "102", kAnn, kBob};
  const SipDialog second = {"second", "101", "103", kAnn, kCem};
  Connect(0, first);
  Refer(9000, first, true, "sip:103@10.0.1.3");
  SeenBy("s2");
  Connect(9100, second);
  Settle();
  EXPECT_TRUE(Together("first", "second"));
}

}  // namespace
}  // namespace callbraid::collector
