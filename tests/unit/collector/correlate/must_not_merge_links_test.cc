#include <string>
#include <vector>

#include "tests/unit/collector/correlate/apart.h"

// Values that look like the identity of a call and are none. Each case is a
// false join that some recorder makes.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::Spot;
using scenes::B2buaCall;
using scenes::Between;
using scenes::kUuidA;
using scenes::kUuidB;
using scenes::LegOf;
using scenes::Numbered;
using scenes::ProxyCall;
using scenes::Tagged;
using scenes::Wire;
using scenes::With;
using store::v1::LINK_KIND_CHARGING_ID;
using store::v1::LINK_KIND_CISCO_GUID;
using store::v1::LINK_KIND_HEADER;
using store::v1::LINK_KIND_SDP_ORIGIN;
using store::v1::LINK_KIND_SESSION_ID;

const Spot kBranch = {"s2", "eth0", "branch"};

using MustNotMerge = scenes::ApartTest;

TEST_F(MustNotMerge, ATenantTagInAllLegs) {
  std::vector<ObservationId> calls;
  for (int i = 0; i < 6; ++i) {
    calls.push_back(
        Add(Tagged(Numbered(B2buaCall({.number = i, .start_ms = i * 1500}), i),
                   LINK_KIND_HEADER, "tenant-7")));
  }
  ExpectAllApart(calls);
  for (const ObservationId& call : calls) EXPECT_EQ(CallIdsOf(call), 2);
}

TEST_F(MustNotMerge, ATenantTagInTheLegsOutOnly) {
  std::vector<ObservationId> calls;
  for (int i = 0; i < 5; ++i) {
    Wire wire = Numbered(B2buaCall({.number = i, .start_ms = i * 1500}), i);
    wire.dialogs[1] = With(wire.dialogs[1], LINK_KIND_HEADER, "tenant-7");
    calls.push_back(Add(wire));
  }
  ExpectAllApart(calls);
}

TEST_F(MustNotMerge, ATenantTagInCallsOutThatWereReferred) {
  // All of them show the number of the company.
  std::vector<ObservationId> calls;
  for (int i = 0; i < 3; ++i) {
    Dialog out =
        With(Between(LegOf("out" + std::to_string(i), "10.0.0.9",
                           "10.0.2." + std::to_string(i + 1), i * 1500),
                     "4930111", "555" + std::to_string(i)),
             LINK_KIND_HEADER, "tenant-7");
    calls.push_back(
        Add(With(out, store::v1::LINK_KIND_REFERRED_BY, "sip:102@h")));
  }
  ExpectAllApart(calls);
}

TEST_F(MustNotMerge, ATenantTagInCallsOneAfterTheOther) {
  std::vector<ObservationId> calls;
  for (int i = 0; i < 5; ++i) {
    calls.push_back(Add(
        Tagged(Numbered(B2buaCall({.number = i, .start_ms = i * 90'000}), i),
               LINK_KIND_HEADER, "tenant-7")));
  }
  ExpectAllApart(calls);
}

TEST_F(MustNotMerge, ASessionIdThatAVendorSendsInAllCalls) {
  std::vector<ObservationId> calls;
  for (int i = 0; i < 6; ++i) {
    calls.push_back(
        Add(Tagged(Numbered(ProxyCall({.number = i, .start_ms = i * 4000}), i),
                   LINK_KIND_SESSION_ID, kUuidA)));
  }
  ExpectAllApart(calls);
}

TEST_F(MustNotMerge, AValueInTwoCallsThatOneProxyPassesOn) {
  // The first hop of either call ends where the second hop of the other begins.
  for (const int64_t later_ms : {0, 700}) {
    std::vector<ObservationId> calls;
    for (int i = 0; i < 2; ++i) {
      const int number = static_cast<int>(later_ms) + i;
      calls.push_back(Add(
          Tagged(Numbered(ProxyCall({.number = number,
                                     .start_ms = later_ms * 100 + i * later_ms,
                                     .talk_ms = 4000}),
                          number),
                 LINK_KIND_SESSION_ID, later_ms == 0 ? kUuidA : kUuidB)));
    }
    ExpectAllApart(calls);
  }
}

TEST_F(MustNotMerge, ASessionIdOfTwoSites) {
  const auto here = Add(Tagged(Numbered(B2buaCall({.number = 1}), 1),
                               LINK_KIND_SESSION_ID, kUuidA));
  const auto there = Add(Tagged(Numbered(B2buaCall({.number = 2}), 2),
                                LINK_KIND_SESSION_ID, kUuidA),
                         kBranch);
  ExpectApart(here, there);
}

TEST_F(MustNotMerge, TheIcidOfAWholeTrunk) {
  // One call comes in by the trunk, another goes out by it.
  const Dialog in =
      With(Between(LegOf("in", "203.0.113.1", "10.0.0.9"), "1", "2"),
           LINK_KIND_CHARGING_ID, "trunk-icid");
  const Dialog out =
      With(Between(LegOf("out", "10.0.0.9", "203.0.113.1", 3000), "3", "4"),
           LINK_KIND_CHARGING_ID, "trunk-icid");
  const Dialog later = With(
      Between(LegOf("later", "10.0.0.9", "203.0.113.1", 100'000), "5", "6"),
      LINK_KIND_CHARGING_ID, "trunk-icid");
  ExpectAllApart({Add(in), Add(out), Add(later)});
}

TEST_F(MustNotMerge, AGuidThatAGatewayFailsToChange) {
  std::vector<ObservationId> calls;
  for (int i = 0; i < 3; ++i) {
    calls.push_back(
        Add(Tagged(Numbered(B2buaCall({.number = i, .start_ms = i * 900}), i),
                   LINK_KIND_CISCO_GUID, "1-2-3-4")));
  }
  ExpectAllApart(calls);
}

TEST_F(MustNotMerge, AnSdpOriginThatManyPhonesSend) {
  std::vector<ObservationId> calls;
  for (int i = 0; i < 4; ++i) {
    calls.push_back(
        Add(Tagged(Numbered(ProxyCall({.number = i, .start_ms = i * 700}), i),
                   LINK_KIND_SDP_ORIGIN, "root 12345 12345 IN IP4 0.0.0.0")));
  }
  ExpectAllApart(calls);
}

TEST_F(MustNotMerge, AnSdpOriginOfTwoSitesThatWereSetUpAlike) {
  // Same addresses, same numbers, same moment.
  const std::string origin = "- 4711 1 IN IP4 10.0.1.1";
  const Dialog in =
      With(Between(LegOf("here", "10.0.1.1", "10.0.0.9"), "1", "2"),
           LINK_KIND_SDP_ORIGIN, origin);
  const Dialog out =
      With(Between(LegOf("there", "10.0.0.9", "10.0.2.1", 20), "1", "2"),
           LINK_KIND_SDP_ORIGIN, origin);
  ExpectApart(Add(in), Add(out, Spot{"s2", "eth0", "branch"}));
}

TEST_F(MustNotMerge, TwoCallsOfAPhoneThatHasOneSdpOrigin) {
  // It is called, puts that on hold, and calls somebody else.
  const std::string origin = "phone 20260731 1 IN IP4 10.0.1.1";
  Dialog first = Between(LegOf("first", "10.0.0.9", "10.0.1.1"), "1", "2");
  first.links = {
      {.kind = LINK_KIND_SDP_ORIGIN, .value = origin, .from_initiator = false}};
  const Dialog second =
      With(Between(LegOf("second", "10.0.1.1", "10.0.0.9", 6000), "2", "3"),
           LINK_KIND_SDP_ORIGIN, origin);
  ExpectApart(Add(first), Add(second));
}

TEST_F(MustNotMerge, CallsOneAfterTheOtherOfAPhoneThatHasOneSdpOrigin) {
  // Two sensors see a hop of each. (How parts of a capture whose clocks nothing
  // compares stay apart, the convergence of scene ssrc_again shows.)
  std::vector<ObservationId> calls;
  for (int i = 0; i < 3; ++i) {
    Wire wire = ProxyCall({.number = 1, .start_ms = i * 5300, .talk_ms = 4000});
    for (Dialog& dialog : wire.dialogs) {
      dialog.call_id = "call-" + std::to_string(i);
      dialog.from_tag = "from-" + std::to_string(i);
      dialog.to_tag = "to-" + std::to_string(i);
    }
    wire = Tagged(wire, LINK_KIND_SDP_ORIGIN, "- 4711 1 IN IP4 10.0.1.2");
    calls.push_back(Add(wire.dialogs[0], Spot{"s1"}));
    Add(wire.dialogs[1], Spot{"s2"});
  }
  ExpectAllApart(calls);
}

TEST_F(MustNotMerge, ACallWhoseHeaderNamesAStrangersCallId) {
  const Wire victim = Numbered(B2buaCall({.number = 1}), 1);
  Wire stranger = Numbered(B2buaCall({.number = 2, .start_ms = 500}), 2);
  stranger.dialogs[0] =
      With(stranger.dialogs[0], LINK_KIND_HEADER, victim.dialogs[0].call_id);
  ExpectApart(Add(victim), Add(stranger));
}

TEST_F(MustNotMerge, AFloodOfDialogsThatNameOneCallId) {
  const Wire victim = Numbered(B2buaCall({.number = 1}), 1);
  const auto call = Add(victim);
  std::vector<StoredObservation> flood;
  for (int i = 0; i < 300; ++i) {
    flood.push_back(See(With(LegOf("flood" + std::to_string(i), "10.0.6.6",
                                   "10.0.0.9", 100 + i),
                             LINK_KIND_HEADER, victim.dialogs[0].call_id),
                        Spot()));
  }
  braid_.Add(flood);
  EXPECT_EQ(CallIdsOf(call), 2);
  EXPECT_EQ(CallIdsOf(fakes::IdOf(flood[0])), 1);
  EXPECT_EQ(CallIdsOf(fakes::IdOf(flood[299])), 1);
  EXPECT_GT(braid_.braider().crowded_tokens(), 0u);
}

TEST_F(MustNotMerge, AFloodOfDialogsWithOneSessionId) {
  const auto call = Add(Tagged(Numbered(B2buaCall({.number = 1}), 1),
                               LINK_KIND_SESSION_ID, kUuidA));
  std::vector<StoredObservation> flood;
  for (int i = 0; i < 300; ++i) {
    flood.push_back(See(With(LegOf("flood" + std::to_string(i), "10.0.6.6",
                                   "10.0.0.9", 100 + i),
                             LINK_KIND_SESSION_ID, kUuidA),
                        Spot()));
  }
  braid_.Add(flood);
  // Its media still join the call.
  EXPECT_EQ(CallIdsOf(call), 2);
  EXPECT_EQ(CallIdsOf(fakes::IdOf(flood[0])), 1);
  EXPECT_GT(braid_.braider().crowded_tokens(), 0u);
}

TEST_F(MustNotMerge, CallersOfOneConferenceRoomThatNothingLinks) {
  std::vector<ObservationId> calls;
  for (int i = 0; i < 4; ++i) {
    Dialog leg =
        Between(LegOf("room" + std::to_string(i),
                      "10.0.1." + std::to_string(i + 1), "10.0.0.9", i * 1000),
                "1" + std::to_string(i), "conf7");
    leg.responder_is_focus = true;
    calls.push_back(Add(leg));
  }
  ExpectAllApart(calls);
}

}  // namespace
}  // namespace callbraid::collector
