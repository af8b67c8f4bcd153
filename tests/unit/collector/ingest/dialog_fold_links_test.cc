#include "collector/ingest/dialog_fold_links.h"

#include <algorithm>
#include <string>
#include <vector>

#include "collector/ingest/dialog_fold.h"
#include "collector/store/link_tokens.h"
#include "collector/store/tokens.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"

namespace callbraid::collector {
namespace {

using fakes::AudioSdp;
using fakes::kSecond;
using fakes::Sip;
using store::v1::DialogLink;
using store::v1::LinkKind;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

const Endpoint kPhone = fakes::At("10.0.0.1", 5060);
const Endpoint kPbx = fakes::At("10.0.0.2", 5060);
const std::string kA = "256e96bb00105000a0002c31246a214b";
const std::string kB = "07065bdaaed757dab065579865460bdf";
const std::string kNil(32, '0');

class DialogFoldLinks : public testing::Test {
 protected:
  // From the phone, unless `back`.
  void See(const Sip& sip, bool back = false) {
    const Endpoint& source = back ? kPbx : kPhone;
    const Endpoint& destination = back ? kPhone : kPbx;
    const v1::CallFrame frame =
        SipFrame(++second_ * kSecond, source, destination, sip);
    const auto message = ReadMessage(frame.sip(), {source, destination});
    ASSERT_TRUE(message);
    std::vector<Token> tokens;
    if (!observation_.has_dialog()) {
      observation_.set_site("site");
      tokens = BeginDialog(*message, headers_, observation_);
    } else {
      tokens = FoldMessage(*message, headers_, observation_);
    }
    tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
  }
  void Invite(const std::string& extra) { See({.extra = extra}); }

  const store::v1::DialogObservation& dialog() const {
    return observation_.dialog();
  }
  std::vector<std::string> ValuesOf(LinkKind kind) const {
    std::vector<std::string> values;
    for (const DialogLink& link : dialog().links()) {
      if (link.kind() == kind) values.push_back(link.value());
    }
    return values;
  }

  LinkHeaders headers_;
  int64_t second_ = 0;
  store::v1::Observation observation_;
  std::vector<Token> tokens_;
};

TEST_F(DialogFoldLinks, KeepsBothHalvesOfSessionIdFromEitherSide) {
  Invite("Session-ID: " + kA + ";remote=" + kNil + "\r\n");
  See({.status = 200,
       .to_tag = "to",
       .extra = "Session-ID: " + kB + ";remote=" + kA + "\r\n"},
      true);
  EXPECT_THAT(ValuesOf(store::v1::LINK_KIND_SESSION_ID), ElementsAre(kA, kB));
  EXPECT_TRUE(dialog().links(0).from_initiator());
  EXPECT_FALSE(dialog().links(1).from_initiator());
  EXPECT_THAT(tokens_,
              Contains(LinkToken(store::v1::LINK_KIND_SESSION_ID, kB)));
}

TEST_F(DialogFoldLinks, TakesUpperCaseSessionIdForTheSame) {
  std::string upper = kA;
  std::transform(upper.begin(), upper.end(), upper.begin(), ::toupper);
  Invite("Session-ID: " + upper + "\r\nSession-ID: " + kA + "\r\n");
  EXPECT_THAT(ValuesOf(store::v1::LINK_KIND_SESSION_ID), ElementsAre(kA));
}

TEST_F(DialogFoldLinks, TakesUpASessionIdThatChangesWithinTheDialog) {
  Invite("Session-ID: " + kA + "\r\n");
  See({.method = "UPDATE",
       .to_tag = "to",
       .cseq = 2,
       .extra = "Session-ID: " + kB + ";remote=" + kA + "\r\n"});
  EXPECT_THAT(ValuesOf(store::v1::LINK_KIND_SESSION_ID), ElementsAre(kA, kB));
}

TEST_F(DialogFoldLinks, KeepsWhatIdentifiesTheCallInTheFirstInvite) {
  Invite(
      "P-Charging-Vector: icid-value=\"icid-4711\";orig-ioi=h\r\n"
      "Cisco-Guid: 1234567890-0987654321-1122334455-5544332211\r\n"
      "x-cid: cid-4711\r\n"
      "X-Other: other-4711\r\n");
  EXPECT_THAT(ValuesOf(store::v1::LINK_KIND_CHARGING_ID),
              ElementsAre("icid-4711"));
  EXPECT_THAT(ValuesOf(store::v1::LINK_KIND_CISCO_GUID),
              ElementsAre("1234567890-0987654321-1122334455-5544332211"));
  EXPECT_THAT(ValuesOf(store::v1::LINK_KIND_HEADER), ElementsAre("cid-4711"));
  // It may be a Call-ID.
  EXPECT_THAT(tokens_, Contains(NameToken("cid-4711")));
}

TEST_F(DialogFoldLinks, LeavesOutWhatIdentifiesNothing) {
  Invite("Session-ID: " + kNil + ";remote=" + kNil +
         "\r\nP-Charging-Vector: orig-ioi=h\r\n"
         "Cisco-Guid: 0-0-0-0\r\nX-CID: 12345\r\nX-CID:\r\n");
  EXPECT_THAT(dialog().links(), IsEmpty());
  EXPECT_EQ(dialog().links_refused(), 0u);
}

TEST_F(DialogFoldLinks, DoesNotTakeTheResponderAtItsWordForTheCall) {
  Invite("");
  See({.status = 200, .to_tag = "to", .extra = "X-CID: stranger\r\n"}, true);
  See({.to_tag = "from", .cseq = 2, .extra = "X-CID: stranger\r\n"}, true);
  EXPECT_THAT(dialog().links(), IsEmpty());
}

TEST_F(DialogFoldLinks, UsesTheHeadersThatAreConfigured) {
  v1::IngestConfig config;
  config.add_link_headers("X-Tenant-Call");
  headers_ = LinkHeaders(config);
  Invite("X-CID: cid-4711\r\nX-TENANT-CALL: call-77\r\n");
  EXPECT_THAT(ValuesOf(store::v1::LINK_KIND_HEADER), ElementsAre("call-77"));
}

TEST_F(DialogFoldLinks, KeepsTheDialogThatIsToBeReplaced) {
  Invite("Replaces: old@h;to-tag=t1;from-tag=f1;early-only\r\n");
  ASSERT_EQ(dialog().links_size(), 1);
  EXPECT_EQ(dialog().links(0).kind(), store::v1::LINK_KIND_REPLACES);
  EXPECT_EQ(dialog().links(0).value(), "old@h");
  EXPECT_EQ(dialog().links(0).to_tag(), "t1");
  EXPECT_EQ(dialog().links(0).from_tag(), "f1");
  EXPECT_THAT(tokens_, Contains(NameToken("old@h")));
  EXPECT_THAT(tokens_, Contains(NameToken("call-1")));
}

TEST_F(DialogFoldLinks, KeepsWhatAReferAsksForAndWhatBecomesOfIt) {
  Invite("");
  See({.method = "REFER",
       .from_tag = "to",
       .to_tag = "from",
       .cseq = 7,
       .extra = "Refer-To: <sip:103@h?Replaces=c%40h%3Bto-tag%3Dt%3Bfrom-tag%3D"
                "f>\r\nReferred-By: <sip:200@h>\r\n"},
      true);
  See({.method = "REFER",
       .status = 202,
       .from_tag = "to",
       .to_tag = "from",
       .cseq = 7});
  See({.method = "NOTIFY",
       .to_tag = "to",
       .cseq = 8,
       .extra = "Event: refer;id=7\r\nContent-Type: message/sipfrag\r\n",
       .body = "SIP/2.0 180 Ringing\r\n"});
  See({.method = "NOTIFY",
       .to_tag = "to",
       .cseq = 9,
       .extra = "o: refer\r\n",
       .body = "SIP/2.0 200 OK\r\n"});
  See({.method = "NOTIFY",
       .to_tag = "to",
       .cseq = 10,
       .extra = "Event: hold\r\n",
       .body = "SIP/2.0 486 Busy\r\n"});

  ASSERT_EQ(dialog().links_size(), 2);
  EXPECT_EQ(dialog().links(0).kind(), store::v1::LINK_KIND_REFER_REPLACES);
  EXPECT_EQ(dialog().links(0).value(), "c@h");
  EXPECT_EQ(dialog().links(0).to_tag(), "t");
  EXPECT_EQ(dialog().links(0).from_tag(), "f");
  EXPECT_EQ(dialog().links(0).status(), 202u);
  const DialogLink& target = dialog().links(1);
  EXPECT_EQ(target.kind(), store::v1::LINK_KIND_REFER_TO);
  EXPECT_EQ(target.value(), "sip:103@h");
  EXPECT_EQ(target.time_ns(), 2 * kSecond);
  EXPECT_FALSE(target.from_initiator());
  EXPECT_EQ(target.status(), 202u);
  EXPECT_EQ(target.referred_by(), "sip:200@h");
  EXPECT_EQ(dialog().transfer_status(), 200u);
  // The phone was asked.
  EXPECT_EQ(HostAsked(target, dialog()), fakes::At("10.0.0.1", 0));
  EXPECT_THAT(tokens_,
              Contains(TurnToken("site", fakes::At("10.0.0.1", 0), "103",
                                 target.time_ns() / kTurnWindowNs)));
}

TEST_F(DialogFoldLinks, TellsARetransmittedReferFromAnother) {
  Invite("");
  Sip refer = {.method = "REFER",
               .to_tag = "to",
               .cseq = 2,
               .extra = "Refer-To: <sip:103@h>\r\n"};
  See(refer);
  See(refer);
  See({.method = "REFER", .status = 401, .to_tag = "to", .cseq = 2}, true);
  refer.cseq = 3;
  See(refer);
  See({.method = "REFER", .status = 202, .to_tag = "to", .cseq = 3}, true);
  refer.cseq = 4;
  See(refer);
  ASSERT_EQ(dialog().links_size(), 3);
  EXPECT_EQ(dialog().links(0).status(), 401u);
  EXPECT_EQ(dialog().links(0).time_ns(), 2 * kSecond);
  EXPECT_EQ(dialog().links(1).status(), 202u);
  EXPECT_EQ(dialog().links(1).time_ns(), 5 * kSecond);
  EXPECT_EQ(dialog().links(2).status(), 0u);
  EXPECT_EQ(dialog().links(2).time_ns(), 7 * kSecond);
}

TEST_F(DialogFoldLinks, KeepsContactsToTryAndWhoWasCalledBefore) {
  Invite(
      "Diversion: \"A\" <sip:100@h>;reason=no-answer, <sip:99@h>\r\n"
      "History-Info: <sip:98@h?Reason=x>;index=1\r\n");
  See({.status = 302,
       .to_tag = "to",
       .extra = "Contact: <sip:301@h>;q=1, <sip:302@h>\r\n"},
      true);
  EXPECT_THAT(ValuesOf(store::v1::LINK_KIND_DIVERTED_FROM),
              ElementsAre("sip:100@h", "sip:99@h", "sip:98@h"));
  EXPECT_THAT(ValuesOf(store::v1::LINK_KIND_REDIRECT),
              ElementsAre("sip:301@h", "sip:302@h"));
}

TEST_F(DialogFoldLinks, KnowsAConferenceByItsContact) {
  Invite("Contact: <sip:100@10.0.0.1>\r\n");
  See({.status = 200,
       .to_tag = "to",
       .extra = "Contact: <sip:conf@h>;isfocus\r\n"},
      true);
  EXPECT_FALSE(dialog().initiator_is_focus());
  EXPECT_TRUE(dialog().responder_is_focus());
}

TEST_F(DialogFoldLinks, KnowsTheCopyForARecorderByItsContact) {
  Invite("Contact: <sip:100@10.0.0.1>;+sip.srs\r\n");
  EXPECT_FALSE(dialog().is_copy());
  observation_.Clear();
  Invite("Contact: <sip:100@10.0.0.1>;+sip.src\r\n");
  EXPECT_TRUE(dialog().is_copy());
}

std::string SdpFrom(const std::string& origin) {
  std::string sdp = AudioSdp("10.0.0.1", 4000);
  const size_t at = sdp.find("o=");
  return sdp.replace(at, sdp.find("\r\n", at) - at, "o=" + origin);
}

TEST_F(DialogFoldLinks, KeepsTheOriginOfSdp) {
  See({.sdp = SdpFrom("ann 20260731 7 IN IP4 10.0.0.1")});
  EXPECT_THAT(ValuesOf(store::v1::LINK_KIND_SDP_ORIGIN),
              ElementsAre("ann 20260731 7 IN IP4 10.0.0.1"));
}

TEST_F(DialogFoldLinks, LeavesOutOriginsThatManyDevicesSend) {
  for (const char* origin :
       {"- 0 0 IN IP4 10.0.0.1", "- 1 1 IN IP4 10.0.0.1",
        "user1 53655765 2353687637 IN IP4 10.0.0.1", "ann 20260731 IN IP4 x",
        "ann 20260731 7 IN IP4 10.0.0.1 x", ""}) {
    observation_.Clear();
    See({.sdp = SdpFrom(origin)});
    EXPECT_THAT(dialog().links(), IsEmpty()) << origin;
  }
}

TEST_F(DialogFoldLinks, IsBoundedAndCountsWhatItRefuses) {
  std::string extra;
  for (int i = 0; i < 20; ++i) {
    const std::string number = std::to_string(1000 + i);
    for (const char* header :
         {"X-CID: call-", "Cisco-Guid: guid-", "Diversion: sip:",
          "P-Charging-Vector: icid-value=icid-", "Referred-By: sip:"}) {
      extra += header + number + "\r\n";
    }
  }
  Invite(extra + "X-CID: call-1001\r\nX-CID: " + std::string(257, 'x') +
         "\r\n");
  EXPECT_EQ(dialog().links_size(), kMaxLinks);
  EXPECT_EQ(ValuesOf(store::v1::LINK_KIND_HEADER).size(), 7u);
  EXPECT_EQ(dialog().links_refused(), 100u - kMaxLinks + 1);
}

TEST_F(DialogFoldLinks, KeepsWhatIsNoUtf8AsUtf8) {
  Invite("X-CID: caf\xe9-4711\r\n");
  EXPECT_THAT(ValuesOf(store::v1::LINK_KIND_HEADER), ElementsAre("caf?-4711"));
}

TEST_F(DialogFoldLinks, LooksAtCallsOnly) {
  See({.method = "OPTIONS", .extra = "X-CID: cid-4711\r\n"});
  EXPECT_THAT(dialog().links(), IsEmpty());
  See({.to_tag = "to", .cseq = 2, .extra = "Session-ID: " + kA + "\r\n"});
  EXPECT_EQ(dialog().links_size(), 1);
  EXPECT_THAT(tokens_, Contains(NameToken("call-1")));
}

TEST_F(DialogFoldLinks, FilesByPartiesUnlessTheBeginningWasNotSeen) {
  Invite("");
  const Token hub = HubToken("site", fakes::At("10.0.0.2", 0), "200");
  EXPECT_THAT(tokens_, Contains(hub));
  observation_.Clear();
  tokens_.clear();
  See({.method = "BYE", .to_tag = "to"});
  EXPECT_THAT(tokens_, Not(Contains(hub)));
}

// As Cisco's gateways write it in SIP.
TEST(FoldCiscoGuid, WritesTheConferenceIdentifierInDecimals) {
  store::v1::DialogObservation dialog;
  std::vector<Token> tokens;
  FoldCiscoGuid("d5a7b28d286b11e78010f2ec0d4fce8d", {1, true, "site"}, dialog,
                tokens);
  ASSERT_EQ(dialog.links_size(), 1);
  EXPECT_EQ(dialog.links(0).kind(), store::v1::LINK_KIND_CISCO_GUID);
  EXPECT_EQ(dialog.links(0).value(),
            "3584537229-0678105575-2148594412-0223334029");
  FoldCiscoGuid("d5a7", {1, true, "site"}, dialog, tokens);
  EXPECT_EQ(dialog.links_size(), 1);
}

}  // namespace
}  // namespace callbraid::collector
