#include <string>
#include <vector>

#include "collector/store/tokens.h"
#include "tests/unit/collector/correlate/link_scenes.h"

// P-Charging-Vector, Cisco-Guid, configured headers and SDP origins. What they
// have in common with Session-ID is in session_id_test.cc.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kMs;
using scenes::Between;
using scenes::LegOf;
using scenes::With;
using store::v1::LINK_KIND_CHARGING_ID;
using store::v1::LINK_KIND_CISCO_GUID;
using store::v1::LINK_KIND_HEADER;
using store::v1::LINK_KIND_SDP_ORIGIN;

const Dialog kIn = Between(LegOf("in", "10.0.1.1", "10.0.0.9"), "101", "102");
const Dialog kOut =
    Between(LegOf("out", "10.0.0.9", "10.0.2.1", 20), "7101", "7102");

using ChargingVectorTest = scenes::LinkTest;

TEST_F(ChargingVectorTest, JoinsLegsWithOneIcid) {
  const auto evidence = BySharing(
      Seen(With(kIn, LINK_KIND_CHARGING_ID, "icid-1")),
      Seen(With(kOut, LINK_KIND_CHARGING_ID, "icid-1")), ChargingVector);
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->kind, v1::EVIDENCE_KIND_CHARGING_VECTOR);
  EXPECT_EQ(evidence->detail, "icid-value icid-1");
}

TEST_F(ChargingVectorTest, SaysNothingIfATrunkHasOneForAllItsCalls) {
  const Node& in = Seen(With(kIn, LINK_KIND_CHARGING_ID, "trunk-1"));
  const Node& out = Seen(With(kOut, LINK_KIND_CHARGING_ID, "trunk-1"));
  Seen(With(LegOf("other", "10.0.1.7", "10.0.0.9", 3000), LINK_KIND_CHARGING_ID,
            "trunk-1"));
  EXPECT_FALSE(BySharing(in, out, ChargingVector));
}

TEST_F(ChargingVectorTest, DoesNotJoinDifferentIcids) {
  EXPECT_FALSE(BySharing(Seen(With(kIn, LINK_KIND_CHARGING_ID, "icid-1")),
                         Seen(With(kOut, LINK_KIND_CHARGING_ID, "icid-2")),
                         ChargingVector));
}

using CiscoGuidTest = scenes::LinkTest;

TEST_F(CiscoGuidTest, JoinsLegsWithOneGuid) {
  const auto evidence =
      BySharing(Seen(With(kIn, LINK_KIND_CISCO_GUID, "1-2-3-4")),
                Seen(With(kOut, LINK_KIND_CISCO_GUID, "1-2-3-4")), CiscoGuid);
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->kind, v1::EVIDENCE_KIND_CISCO_GUID);
}

TEST_F(CiscoGuidTest, IsNoSessionId) {
  const Node& in = Seen(With(kIn, LINK_KIND_CISCO_GUID, "1-2-3-4"));
  const Node& out = Seen(With(kOut, LINK_KIND_CISCO_GUID, "1-2-3-4"));
  EXPECT_FALSE(BySharing(in, out, SessionId));
  EXPECT_FALSE(BySharing(in, out, LinkHeader));
}

class LinkHeaderTest : public scenes::LinkTest {
 protected:
  std::optional<Evidence> Of(const Node& a, const Node& b) {
    return BySharing(a, b, LinkHeader);
  }
};

TEST_F(LinkHeaderTest, JoinsLegsWithOneValue) {
  const auto evidence = Of(Seen(With(kIn, LINK_KIND_HEADER, "cid-4711")),
                           Seen(With(kOut, LINK_KIND_HEADER, "cid-4711")));
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->kind, v1::EVIDENCE_KIND_LINK_HEADER);
  EXPECT_EQ(evidence->score, policy_.link_header);
}

TEST_F(LinkHeaderTest, JoinsALegThatNamesTheCallIdOfTheOther) {
  const auto evidence = Of(Seen(kIn), Seen(With(kOut, LINK_KIND_HEADER, "in")));
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->score, policy_.header_names_call_id);
  EXPECT_EQ(evidence->detail, "a header names the Call-ID in");
}

TEST_F(LinkHeaderTest, JoinsALegSeenWithoutItsBeginning) {
  Dialog in = kIn;
  in.began_before = true;
  EXPECT_TRUE(Of(Seen(in), Seen(With(kOut, LINK_KIND_HEADER, "in"))));
}

TEST_F(LinkHeaderTest, DoesNotJoinAStrangerThatNamesTheCallId) {
  const Dialog stranger = With(LegOf("stranger", "10.0.6.6", "10.0.0.9", 900),
                               LINK_KIND_HEADER, "in");
  EXPECT_FALSE(Of(Seen(kIn), Seen(stranger)));
}

TEST_F(LinkHeaderTest, DoesNotJoinAStrangerElsewhere) {
  const Dialog stranger =
      With(Between(LegOf("stranger", "10.0.6.6", "10.0.6.7", 900), "66", "67"),
           LINK_KIND_HEADER, "in");
  EXPECT_FALSE(Of(Seen(kIn), Seen(stranger)));
}

TEST_F(LinkHeaderTest, SaysNothingIfTwoThatTalkAtOnceNameOneCallId) {
  const Node& in = Seen(kIn);
  const Node& out = Seen(With(kOut, LINK_KIND_HEADER, "in"));
  ASSERT_TRUE(Of(in, out));
  Seen(
      With(LegOf("out2", "10.0.0.9", "10.0.2.2", 400), LINK_KIND_HEADER, "in"));
  EXPECT_FALSE(Of(in, out));
}

TEST_F(LinkHeaderTest, JoinsAllAgentsThatAQueueTries) {
  Dialog in = kIn;
  in.end_ms = 400'000;
  const Node& caller = Seen(in);
  std::vector<const Node*> tries;
  for (int i = 0; i < 20; ++i) {
    const std::string n = std::to_string(i);
    Dialog out = With(LegOf("try" + n, "10.0.0.9", "10.0.2." + n, i * 16'000),
                      LINK_KIND_HEADER, "in");
    out.answer_ms = -1;
    out.end_ms = out.invite_ms + 15'000;
    tries.push_back(&Seen(out));
  }
  for (const Node* out : tries) EXPECT_TRUE(Of(caller, *out));
}

TEST_F(LinkHeaderTest, LeavesOutTheCopyForARecorder) {
  const Node& in = Seen(kIn);
  const Node& out = Seen(With(kOut, LINK_KIND_HEADER, "in"));
  Dialog copy =
      With(LegOf("copy", "10.0.0.9", "10.0.8.8", 2100), LINK_KIND_HEADER, "in");
  copy.is_copy = true;
  const Node& recorder = Seen(copy);
  EXPECT_TRUE(Of(in, out));
  EXPECT_FALSE(Of(in, recorder));
  EXPECT_FALSE(Of(out, recorder));
}

TEST_F(LinkHeaderTest, SaysNothingOfACallIdThatTooManyName) {
  crowded_ = {NameToken("in")};
  EXPECT_FALSE(Of(Seen(kIn), Seen(With(kOut, LINK_KIND_HEADER, "in"))));
}

class SdpOriginTest : public scenes::LinkTest {
 protected:
  static Dialog State(Dialog leg, const std::string& origin,
                      bool from_initiator = true) {
    leg.links.push_back({.kind = LINK_KIND_SDP_ORIGIN,
                         .value = origin,
                         .from_initiator = from_initiator});
    return leg;
  }
  std::optional<Evidence> Of(const Node& a, const Node& b) {
    return BySharing(a, b, SdpOrigin);
  }
};

TEST_F(SdpOriginTest, JoinsLegsWhoseSdpAB2buaPassedOn) {
  const std::string origin = "ann 20260731 7 IN IP4 10.0.1.1";
  const auto evidence = Of(Seen(State(kIn, origin)), Seen(State(kOut, origin)));
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->kind, v1::EVIDENCE_KIND_SDP_ORIGIN);
}

TEST_F(SdpOriginTest, JoinsByTheAnswerToo) {
  const std::string origin = "bob 20260732 7 IN IP4 10.0.2.1";
  EXPECT_TRUE(
      Of(Seen(State(kIn, origin, false)), Seen(State(kOut, origin, false))));
}

TEST_F(SdpOriginTest, JoinsSitesByThePublicAddressOfAnAuthorOnly) {
  const fakes::Spot there{"s2", "eth0", "branch"};
  const Dialog in = Between(kIn, "1", "2");
  const Dialog out = Between(kOut, "1", "2");
  const std::string known = "ann 20260731 7 IN IP4 198.51.100.7";
  EXPECT_TRUE(Of(Seen(State(in, known)), Seen(State(out, known), there)));
  const std::string anywhere = "ann 20260731 7 IN IP4 10.0.1.1";
  EXPECT_FALSE(
      Of(Seen(State(in, anywhere)), Seen(State(out, anywhere), there)));
}

TEST_F(SdpOriginTest, DoesNotJoinTwoCallsOfAPhoneThatAlwaysSaysTheSame) {
  // It is called, and calls somebody else.
  const std::string origin = "phone 20260731 1 IN IP4 10.0.0.9";
  EXPECT_FALSE(
      Of(Seen(State(kIn, origin, false)), Seen(State(kOut, origin, true))));
}

TEST_F(SdpOriginTest, GoesByOneClockWhereThatSawBothCalls) {
  const std::string origin = "- 4711 1 IN IP4 10.0.1.1";
  const fakes::Spot beyond{"s2"};
  const int64_t again_ms = kIn.end_ms + 800;
  const auto near = [&](const char* call_id, int64_t at_ms) {
    return State(LegOf(call_id, "10.0.1.1", "10.0.0.9", at_ms), origin);
  };
  const auto far = [&](const char* call_id, int64_t at_ms) {
    return State(LegOf(call_id, "10.0.0.9", "10.0.2.1", at_ms), origin);
  };
  const Node& first = Seen(near("first", 0));
  Seen(far("first", 5), beyond);
  // Somebody else's phone was set up alike.
  Dialog elsewhere = near("elsewhere", 100);
  elsewhere.end_ms = again_ms + 9000;
  Seen(elsewhere, {"s3", "eth0", "branch"});
  Seen(near("second", again_ms));
  EXPECT_FALSE(Of(first, Seen(far("second", again_ms + 5), beyond)));
}

TEST_F(SdpOriginTest, DoesNotJoinWhatOneHostSaysInTwoDialogsOfItsOwn) {
  Dialog second = LegOf("in2", "10.0.1.1", "10.0.0.8", 20);
  second.answer_ms = -1;
  second.end_ms = 1500;
  const std::string origin = "ann 20260731 7 IN IP4 10.0.1.1";
  EXPECT_FALSE(Of(Seen(State(kIn, origin)), Seen(State(second, origin))));
}

TEST_F(SdpOriginTest, DoesNotJoinAcrossSidesOfTheCall) {
  const std::string origin = "ann 20260731 7 IN IP4 10.0.1.1";
  EXPECT_FALSE(Of(Seen(State(kIn, origin)), Seen(State(kOut, origin, false))));
}

TEST_F(SdpOriginTest, SaysNothingIfManyPhonesSayIt) {
  const std::string origin = "root 12345 12345 IN IP4 192.0.2.1";
  const Node& in = Seen(State(kIn, origin));
  const Node& out = Seen(State(kOut, origin));
  ASSERT_TRUE(Of(in, out));
  Seen(State(LegOf("in2", "10.0.1.2", "10.0.0.9", 400), origin));
  EXPECT_FALSE(Of(in, out));
}

}  // namespace
}  // namespace callbraid::collector
