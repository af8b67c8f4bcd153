#include <string>

#include "tests/unit/collector/correlate/link_scenes.h"

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kSecond;
using scenes::Between;
using scenes::LegOf;

class NumbersAndTimeTest : public scenes::LinkTest {
 protected:
  std::optional<Evidence> Of(const Node& a, const Node& b) {
    return AmongAll(a, b, NumbersAndTime);
  }
  // 101 calls 0301234567 by way of the PBX.
  static Dialog In(const std::string& id = "in",
                   const std::string& phone = "10.0.1.1") {
    return Between(LegOf(id, phone, "10.0.0.9"), "101", "030111222333");
  }
  static Dialog Out(const std::string& id = "out",
                    const std::string& trunk = "203.0.113.5") {
    Dialog leg = LegOf(id, "10.0.0.9", trunk, 300);
    leg.answer_ms = 1950;
    leg.end_ms = 20'050;
    return Between(leg, "4930999", "+4930111222333");
  }
};

TEST_F(NumbersAndTimeTest, JoinsInAndOutOfAHost) {
  const auto evidence = Of(Seen(In()), Seen(Out()));
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->kind, v1::EVIDENCE_KIND_NUMBERS_AND_TIME);
  EXPECT_EQ(evidence->detail,
            "number called and times in and out of 10.0.0.9, no other fits");
}

TEST_F(NumbersAndTimeTest, GoesByTheCallerToo) {
  EXPECT_TRUE(Of(Seen(In()), Seen(Between(Out(), "101", "600"))));
}

TEST_F(NumbersAndTimeTest, WantsANumber) {
  EXPECT_FALSE(Of(Seen(In()), Seen(Between(Out(), "777", "600"))));
  EXPECT_FALSE(Of(Seen(Between(In(), "anonymous", "anonymous")),
                  Seen(Between(Out(), "anonymous", "anonymous"))));
}

TEST_F(NumbersAndTimeTest, WantsOneHost) {
  Dialog out = Out();
  out.initiator = "10.0.0.8:5060";
  EXPECT_FALSE(Of(Seen(In()), Seen(out)));
  EXPECT_FALSE(Of(Seen(In()), Seen(Out(), {"s2", "eth0", "branch"})));
}

TEST_F(NumbersAndTimeTest, WantsTheInviteOutSoonAfterTheOneIn) {
  Dialog late = Out();
  late.invite_ms = late.ring_ms = 6000;
  late.answer_ms = 7000;
  Dialog in = In();
  in.answer_ms = 7000;
  EXPECT_FALSE(Of(Seen(in), Seen(late)));
  Dialog before = Out();
  before.invite_ms = before.ring_ms = 0;
  Dialog after = In();
  after.invite_ms = after.ring_ms = 900;
  EXPECT_FALSE(Of(Seen(after), Seen(before)));
}

TEST_F(NumbersAndTimeTest, WantsAnswerAndEndToAgree) {
  Dialog out = Out();
  out.answer_ms = 4800;
  EXPECT_FALSE(Of(Seen(In()), Seen(out)));
  out = Out();
  out.end_ms = 24'000;
  EXPECT_FALSE(Of(Seen(In()), Seen(out)));
}

TEST_F(NumbersAndTimeTest, LetsALegGoThatWasTransferred) {
  Dialog out = Out();
  out.end_ms = 10'000;
  EXPECT_FALSE(Of(Seen(In("in", "10.0.1.8")), Seen(out)));
  out.links = {{.kind = store::v1::LINK_KIND_REFER_TO,
                .value = "sip:103@h",
                .at_ms = 9000,
                .from_initiator = false,
                .status = 202}};
  EXPECT_TRUE(Of(Seen(In()), Seen(out)));
}

TEST_F(NumbersAndTimeTest, LeavesOutTheCopyForARecorder) {
  const Node& in = Seen(In());
  Dialog copy = Out("copy", "10.0.8.8");
  copy.is_copy = true;
  const Node& recorder = Seen(copy);
  EXPECT_FALSE(Of(in, recorder));
  EXPECT_TRUE(Of(in, Seen(Out())));
}

TEST_F(NumbersAndTimeTest, WaitsForTheAnswer) {
  EXPECT_FALSE(Of(Seen(In(), {}, 1000), Seen(Out(), {}, 1000)));
  EXPECT_TRUE(Of(Seen(In(), {}, 5000), Seen(Out(), {}, 5000)));
}

TEST_F(NumbersAndTimeTest, HoldsWhileOneEndIsNotSeenYet) {
  EXPECT_TRUE(Of(Seen(In()), Seen(Out(), {}, 5000)));
}

TEST_F(NumbersAndTimeTest, JoinsWhatWasRefusedOnBothSides) {
  Dialog in = In();
  Dialog out = Out();
  in.answer_ms = out.answer_ms = -1;
  in.end_ms = 900;
  out.end_ms = 880;
  in.final_status = out.final_status = 486;
  in.end_reason = out.end_reason = v1::END_REASON_REFUSED;
  EXPECT_TRUE(Of(Seen(in), Seen(out)));
  out.answer_ms = 500;
  EXPECT_FALSE(Of(Seen(in), Seen(out)));
}

TEST_F(NumbersAndTimeTest, SaysNothingIfTwoCallsGoOut) {
  const Node& in = Seen(In());
  const Node& out = Seen(Out());
  EXPECT_TRUE(Of(in, out));
  const Node& other = Seen(Out("out2", "203.0.113.6"));
  EXPECT_FALSE(Of(in, out));
  EXPECT_FALSE(Of(in, other));
}

TEST_F(NumbersAndTimeTest, SaysNothingIfTwoCallsComeIn) {
  const Node& in = Seen(In());
  const Node& out = Seen(Out());
  Seen(In("in2", "10.0.1.2"));
  EXPECT_FALSE(Of(in, out));
}

TEST_F(NumbersAndTimeTest, IsNotMisledByAForkThatWasCancelled) {
  Dialog fork = Out("fork", "203.0.113.6");
  fork.answer_ms = -1;
  fork.end_ms = 1960;
  fork.end_reason = v1::END_REASON_CANCELLED;
  const Node& in = Seen(In());
  const Node& out = Seen(Out());
  Seen(fork);
  EXPECT_TRUE(Of(in, out));
}

TEST_F(NumbersAndTimeTest, TakesObservationsOfOneDialogForOne) {
  const Node& in = Seen(In());
  const Node& out = Seen(Out());
  Seen(Out(), {"s2"});
  Seen(In(), {"s1", "eth1"});
  EXPECT_TRUE(Of(in, out));
}

TEST_F(NumbersAndTimeTest, SaysNothingOfACallUnderWay) {
  Dialog in = In();
  in.began_before = true;
  EXPECT_FALSE(Of(Seen(in), Seen(Out())));
}

TEST_F(NumbersAndTimeTest, AllowsForTheClocksOfTwoSensors) {
  EXPECT_TRUE(Of(Seen(In()), Seen(Out(), {"s2", "eth0", "hq", 3 * kSecond})));
  EXPECT_FALSE(Of(Seen(In()), Seen(Out(), {"s2", "eth0", "hq", 9 * kSecond})));
}

TEST_F(NumbersAndTimeTest, GoesByWhatIsKnownOfTheClocks) {
  const fakes::Spot ahead{"s2", "eth0", "hq", 2112 * kSecond};
  const Node& in = Seen(In());
  const Node& out = Seen(Out(), ahead);
  EXPECT_FALSE(Of(in, out));
  KnowClocks({{}, ahead});
  EXPECT_TRUE(Of(in, out));
  // By the clock of s2 at the time of the call.
  Seen(Out("out2", "203.0.113.6"), {"s2", "eth1", "hq", 2112 * kSecond});
  EXPECT_FALSE(Of(in, out));
}

TEST_F(NumbersAndTimeTest, AllowsForLessWhereTheClocksAreKnown) {
  Dialog out = Out();
  out.invite_ms += 5000;
  out.ring_ms += 5000;
  Dialog in = In();
  in.answer_ms = out.answer_ms = 6000;
  const Node& a = Seen(in);
  const Node& b = Seen(out, {"s2"});
  EXPECT_TRUE(Of(a, b));
  KnowClocks({{}, {"s2"}});
  EXPECT_FALSE(Of(a, b));
}

}  // namespace
}  // namespace callbraid::collector
