#include "collector/calls/call_end.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/unit/collector/correlate/sip_scene.h"

// When the phone rang, who hung up and why, from the messages on the wire to
// the call.

namespace callbraid::collector {
namespace {

using scenes::SipDialog;

constexpr char kAnn[] = "10.0.1.1";
constexpr char kBob[] = "10.0.1.2";
constexpr char kCem[] = "10.0.1.3";
constexpr char kPbx[] = "10.0.0.9";

int64_t MsOf(const google::protobuf::Timestamp& time) {
  return (time.seconds() * fakes::kSecond + time.nanos() - fakes::kEpoch) /
         fakes::kMs;
}

class CallEndScene : public scenes::SipScene {
 protected:
  // A call through a PBX, which is answered after a second.
  void ConnectBoth() {
    Invite(0, in_);
    Invite(20, out_);
    Reply(300, out_, 180);
    Reply(310, in_, 180);
    Reply(1000, out_, 200);
    Reply(1010, in_, 200);
  }
  // With a Reason header.
  void ByeWith(int64_t ms, const SipDialog& dialog, bool by_callee,
               const std::string& reason) {
    Request(ms, dialog, "BYE", by_callee, dialog.to_tag(),
            "Reason: " + reason + "\r\n", "");
  }
  void Cancel(int64_t ms, const SipDialog& dialog,
              const std::string& extra = "") {
    Request(ms, dialog, "CANCEL", false, "", extra, "");
  }
  v1::Call Settled(const std::string& call_id) {
    Settle();
    return CallOf(call_id);
  }

  const SipDialog in_ = {"in", "101", "102", kAnn, kPbx};
  const SipDialog out_ = {"out", "101", "102", kPbx, kBob};
};

TEST_F(CallEndScene, TellsWhenItRang) {
  ConnectBoth();
  const v1::Call call = Settled("in");
  ASSERT_EQ(call.legs_size(), 2);
  EXPECT_EQ(MsOf(call.start_time()), 0);
  EXPECT_EQ(MsOf(call.ringing_time()), 300);
  EXPECT_EQ(MsOf(call.legs(0).ringing_time()), 310);
  EXPECT_EQ(MsOf(call.legs(1).ringing_time()), 300);
  EXPECT_EQ(call.ended_by(), v1::SIDE_UNSPECIFIED);
}

TEST_F(CallEndScene, RangWhenItWasAnsweredIfNothingSaysEarlier) {
  Invite(0, in_);
  Reply(700, in_, 200);
  const v1::Call call = Settled("in");
  EXPECT_EQ(MsOf(call.ringing_time()), 700);
  EXPECT_FALSE(call.legs(0).has_ringing_time());
}

TEST_F(CallEndScene, NeverRangWhereItWasRefused) {
  Invite(0, in_);
  Reply(700, in_, 404);
  EXPECT_FALSE(Settled("in").has_ringing_time());
}

TEST_F(CallEndScene, IsOfWhoHungUpFirst) {
  ConnectBoth();
  ByeWith(9000, out_, /*by_callee=*/true, "Q.850;cause=16;text=\"Bye\"");
  Bye(9200, in_, /*by_callee=*/true);
  const v1::Call call = Settled("in");
  EXPECT_EQ(call.ended_by(), v1::SIDE_CALLEE);
  EXPECT_EQ(call.release_cause(), 16u);
  EXPECT_EQ(call.release_reason(), "Bye");
  EXPECT_EQ(call.legs(0).ended_by(), v1::SIDE_CALLEE);
  EXPECT_EQ(call.legs(0).release_cause(), 0u);
  EXPECT_EQ(call.legs(1).release_cause(), 16u);
  EXPECT_EQ(call.legs(1).release_reason(), "Bye");
}

TEST_F(CallEndScene, IsOfTheCallerThoughTheCalleeHearsItLate) {
  ConnectBoth();
  Bye(9000, in_);
  // Hears busy tone meanwhile, and hangs up, too.
  Bye(11'500, out_, /*by_callee=*/true);
  EXPECT_EQ(Settled("in").ended_by(), v1::SIDE_CALLER);
}

TEST_F(CallEndScene, IsOfNobodyWhereThePbxHangsUpBothWays) {
  ConnectBoth();
  ByeWith(9000, in_, /*by_callee=*/true, "Q.850;cause=102");
  Bye(9010, out_);
  const v1::Call call = Settled("in");
  EXPECT_EQ(call.ended_by(), v1::SIDE_UNSPECIFIED);
  EXPECT_EQ(call.release_cause(), 102u);
}

TEST_F(CallEndScene, IsOfTheCallerWhoGaveUp) {
  Invite(0, in_);
  Invite(20, out_);
  Reply(300, out_, 180);
  Cancel(9000, in_);
  Cancel(9010, out_);
  Reply(9020, out_, 487);
  Reply(9030, in_, 487);
  const v1::Call call = Settled("in");
  EXPECT_EQ(call.end_reason(), v1::END_REASON_CANCELLED);
  EXPECT_EQ(call.ended_by(), v1::SIDE_CALLER);
}

TEST_F(CallEndScene, IsOfTheCalleeWhoRefused) {
  Invite(0, in_);
  Invite(20, out_);
  Reply(300, out_, 486, "Reason: Q.850;cause=17\r\n");
  Reply(400, in_, 486);
  const v1::Call call = Settled("in");
  EXPECT_EQ(call.ended_by(), v1::SIDE_CALLEE);
  EXPECT_EQ(call.release_cause(), 17u);
}

// Bob sends Ann on to Cem, and hangs up; that is not the end.
TEST_F(CallEndScene, AfterATransferCallerAndCalleeAreWhoTheyWere) {
  for (const bool by_cem : {false, true}) {
    const std::string n = by_cem ? "-cem" : "-ann";
    const int64_t at = by_cem ? 600'000 : 0;
    const SipDialog first = {"first" + n, "101", "102", kAnn, kBob};
    const SipDialog second = {"second" + n, "101", "103", kAnn, kCem};
    Connect(at, first);
    Refer(at + 9000, first, /*by_callee=*/true, "sip:103@10.0.1.3");
    Connect(at + 9100, second, "Referred-By: <sip:102@h>\r\n");
    Bye(at + 10'200, first, /*by_callee=*/true);
    Bye(at + 20'000, second, by_cem);
    const v1::Call call = Settled("first" + n);
    ASSERT_TRUE(Together("first" + n, "second" + n));
    ASSERT_EQ(call.state(), v1::CALL_STATE_COMPLETED);
    EXPECT_EQ(call.ended_by(), by_cem ? v1::SIDE_UNSPECIFIED : v1::SIDE_CALLER);
  }
}

// Bob, who called, sends Ann on to Cem: she stays the callee, though it is she
// who calls now.
TEST_F(CallEndScene, LegsThatAreTurnedTurnIt) {
  const SipDialog first = {"first", "102", "101", kBob, kAnn};
  const SipDialog second = {"second", "101", "103", kAnn, kCem};
  Connect(0, first);
  Refer(9000, first, /*by_callee=*/false, "sip:103@10.0.1.3");
  Connect(9100, second, "Referred-By: <sip:102@h>\r\n");
  Bye(10'500, first);
  Bye(20'000, second);
  const v1::Call call = Settled("first");
  ASSERT_TRUE(Together("first", "second"));
  EXPECT_EQ(call.ended_by(), v1::SIDE_CALLEE);
}

class LegEndTest : public testing::Test {
 protected:
  // By a sensor that sees the end at that time, the other messages as all do.
  static StoredObservation Seen(const std::string& sensor, int64_t end_ms,
                                v1::Side by) {
    fakes::Spot spot;
    spot.sensor = sensor;
    StoredObservation seen = fakes::See(fakes::Dialog(), spot);
    auto& dialog = *seen.observation.mutable_dialog();
    dialog.set_end_time_ns(spot.Shows(end_ms));
    dialog.set_ended_by(by);
    return seen;
  }
  static v1::Call CallOf(const std::vector<StoredObservation>& seen) {
    Braid braid;
    for (const StoredObservation& one : seen) braid.Add(one);
    return braid.CallOf(fakes::IdOf(seen.front()));
  }
};

TEST_F(LegEndTest, IsOfNobodyWhereBothHungUpAtOnce) {
  const auto first = Seen("s1", 20'000, v1::SIDE_CALLER);
  for (const int64_t later_ms : {0, 30, 49}) {
    const auto second = Seen("s2", 20'000 + later_ms, v1::SIDE_CALLEE);
    for (const auto& order :
         {std::vector{first, second}, std::vector{second, first}}) {
      const v1::Call call = CallOf(order);
      ASSERT_EQ(call.legs_size(), 1);
      EXPECT_EQ(call.legs(0).ended_by(), v1::SIDE_UNSPECIFIED) << later_ms;
      EXPECT_EQ(call.ended_by(), v1::SIDE_UNSPECIFIED) << later_ms;
    }
  }
}

TEST_F(LegEndTest, IsTheSameInAnyOrder) {
  std::vector<StoredObservation> seen = {
      Seen("s1", 20'400, v1::SIDE_CALLEE), Seen("s2", 20'000, v1::SIDE_CALLER),
      Seen("s3", 20'000, v1::SIDE_UNSPECIFIED)};
  std::mt19937 random(1);
  for (int i = 0; i < 6; ++i) {
    std::shuffle(seen.begin(), seen.end(), random);
    const v1::Call call = CallOf(seen);
    ASSERT_EQ(call.legs_size(), 1);
    EXPECT_EQ(call.legs(0).ended_by(), v1::SIDE_CALLER);
    EXPECT_EQ(call.ended_by(), v1::SIDE_CALLER);
  }
}

// A proxy rings two phones; the one that did not take the call is told so.
TEST_F(LegEndTest, OfACallCountsNoForkThatDidNotTakeIt) {
  fakes::Dialog near;
  near.end_ms = 20'010;
  fakes::Dialog far = near;
  far.initiator = near.responder;
  far.responder = "10.0.0.2:5060";
  far.end_ms = 20'000;
  fakes::Dialog fork = far;
  fork.responder = "10.0.0.3:5060";
  fork.answer_ms = -1;
  fork.end_ms = 2020;
  fork.end_reason = v1::END_REASON_CANCELLED;
  fork.final_status = 487;
  std::vector<StoredObservation> seen;
  for (const fakes::Dialog& dialog : {near, far, fork}) {
    seen.push_back(fakes::See(dialog, fakes::Spot()));
    seen.back().observation.mutable_dialog()->set_ended_by(v1::SIDE_CALLEE);
  }
  auto& elsewhere = *seen.back().observation.mutable_dialog();
  elsewhere.set_ended_by(v1::SIDE_CALLER);
  elsewhere.set_release_reason("Call completed elsewhere");
  const v1::Call call = CallOf(seen);
  ASSERT_EQ(call.legs_size(), 3);
  EXPECT_EQ(call.ended_by(), v1::SIDE_CALLEE);
  EXPECT_EQ(call.release_reason(), "");
  EXPECT_EQ(std::count_if(call.legs().begin(), call.legs().end(),
                          [](const v1::Leg& leg) {
                            return leg.release_reason() ==
                                   "Call completed elsewhere";
                          }),
            1);
}

// It began within the dialog, and takes the callee, who hung up, for the
// initiator.
TEST_F(LegEndTest, KnowsACapturePointThatHasTheSidesTheOtherWayRound) {
  fakes::Dialog begun;
  begun.end_ms = -1;
  fakes::Dialog rest;
  rest.began_before = true;
  rest.from_tag = "tag-b";
  rest.to_tag = "tag-a";
  std::swap(rest.initiator, rest.responder);
  fakes::Spot spot;
  spot.sensor = "s2";
  const v1::Call call =
      CallOf({fakes::See(begun, fakes::Spot()), fakes::See(rest, spot)});
  ASSERT_EQ(call.legs_size(), 1);
  EXPECT_EQ(call.legs(0).ended_by(), v1::SIDE_CALLEE);
}

}  // namespace
}  // namespace callbraid::collector
