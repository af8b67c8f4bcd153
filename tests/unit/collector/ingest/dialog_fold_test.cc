#include "collector/ingest/dialog_fold.h"

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "collector/store/tokens.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_frames.h"

namespace callbraid::collector {
namespace {

using fakes::AudioSdp;
using fakes::kSecond;
using fakes::Sip;
using fakes::SipFrame;

const Endpoint kPhone = fakes::At("10.0.0.1", 5060);
const Endpoint kPbx = fakes::At("10.0.0.2", 5060);

// A dialog to which messages are folded at whole seconds.
class DialogFold : public testing::Test {
 protected:
  // From the phone (the initiator), unless `back`.
  Fit See(int64_t second, const Sip& sip, bool back = false) {
    frames_.push_back(back ? SipFrame(second * kSecond, kPbx, kPhone, sip)
                           : SipFrame(second * kSecond, kPhone, kPbx, sip));
    const v1::SipFrame& frame = frames_.back().sip();
    const auto message = ReadMessage(
        frame, back ? FlowKey{kPbx, kPhone} : FlowKey{kPhone, kPbx});
    EXPECT_TRUE(message);
    std::vector<Token> tokens;
    Fit fit = Fit::kBeginsAnew;
    if (!observation_.has_dialog()) {
      observation_.set_site("site");
      tokens = BeginDialog(*message, headers_, observation_);
    } else {
      fit = FitOf(*message, observation_);
      if (fit == Fit::kContinues)
        tokens = FoldMessage(*message, headers_, observation_);
    }
    tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
    return fit;
  }
  Fit Answer(int64_t second, int status, const std::string& to_tag = "to") {
    return See(second, {.status = status, .to_tag = to_tag}, true);
  }
  const store::v1::DialogObservation& dialog() const {
    return observation_.dialog();
  }
  static int64_t Second(int64_t time_ns) { return time_ns / kSecond; }

  const LinkHeaders headers_;
  std::deque<v1::CallFrame> frames_;
  store::v1::Observation observation_;
  std::vector<Token> tokens_;
};

TEST_F(DialogFold, FollowsACallFromInviteToBye) {
  See(1, {.sdp = AudioSdp("10.0.0.1", 4000)});
  Answer(2, 100, "");
  Answer(3, 180);
  See(4, {.status = 200, .to_tag = "to", .sdp = AudioSdp("10.0.0.2", 4002)},
      true);
  See(5, {.method = "ACK", .to_tag = "to"});
  See(9, {.method = "BYE", .to_tag = "to", .cseq = 2});
  See(10, {.method = "BYE", .status = 200, .to_tag = "to", .cseq = 2}, true);

  EXPECT_EQ(dialog().method(), "INVITE");
  EXPECT_FALSE(dialog().began_before());
  EXPECT_EQ(dialog().from_tag(), "from");
  EXPECT_THAT(dialog().to_tags(), testing::ElementsAre("to"));
  EXPECT_EQ(FromProto(dialog().initiator()), kPhone);
  EXPECT_EQ(FromProto(dialog().responder()), kPbx);
  EXPECT_EQ(dialog().from_uri(), "sip:100@10.0.0.2");
  EXPECT_EQ(dialog().from_name(), "Ann");
  EXPECT_EQ(Second(dialog().invite_time_ns()), 1);
  EXPECT_EQ(Second(dialog().ringing_time_ns()), 3);
  EXPECT_EQ(Second(dialog().answer_time_ns()), 4);
  EXPECT_EQ(Second(dialog().end_time_ns()), 9);
  EXPECT_EQ(dialog().end_reason(), v1::END_REASON_BYE);
  EXPECT_EQ(dialog().final_status(), 200u);
  EXPECT_EQ(dialog().messages(), 7u);
  EXPECT_EQ(dialog().marks_size(), 7);
  ASSERT_EQ(dialog().media_size(), 2);
  EXPECT_TRUE(dialog().media(0).from_initiator());
  EXPECT_FALSE(dialog().media(1).from_initiator());
  EXPECT_THAT(tokens_,
              testing::IsSupersetOf(
                  {DialogToken("call-1", "from"),
                   EndpointToken("site", fakes::At("10.0.0.1", 4000)),
                   EndpointToken("site", fakes::At("10.0.0.2", 4002))}));
}

TEST_F(DialogFold, AChallengeIsNotTheEnd) {
  See(1, {});
  Answer(2, 401);
  See(2, {.method = "ACK", .to_tag = "to"});
  EXPECT_EQ(See(3, {.cseq = 2, .branch = "z9hG4bK2"}), Fit::kContinues);
  See(4, {.status = 200, .to_tag = "to2", .cseq = 2}, true);
  EXPECT_EQ(Second(dialog().invite_time_ns()), 1);
  EXPECT_EQ(Second(dialog().answer_time_ns()), 4);
  EXPECT_EQ(dialog().end_time_ns(), 0);
}

TEST_F(DialogFold, ARedirectedInviteGoesOn) {
  See(1, {});
  Answer(2, 302);
  EXPECT_EQ(dialog().end_reason(), v1::END_REASON_REFUSED);
  EXPECT_EQ(See(3, {.cseq = 2, .branch = "z9hG4bK2"}), Fit::kContinues);
  EXPECT_EQ(dialog().end_time_ns(), 0);
  EXPECT_EQ(dialog().final_status(), 0u);
}

TEST_F(DialogFold, RefusalEndsTheCall) {
  See(1, {});
  Answer(2, 486);
  EXPECT_EQ(Second(dialog().end_time_ns()), 2);
  EXPECT_EQ(dialog().end_reason(), v1::END_REASON_REFUSED);
  EXPECT_EQ(dialog().final_status(), 486u);
}

TEST_F(DialogFold, CancelEndsTheCall) {
  See(1, {});
  Answer(2, 180);
  See(3, {.method = "CANCEL"});
  Answer(4, 487);
  EXPECT_EQ(Second(dialog().end_time_ns()), 3);
  EXPECT_EQ(dialog().end_reason(), v1::END_REASON_CANCELLED);
  EXPECT_EQ(dialog().final_status(), 487u);
}

TEST_F(DialogFold, AnswerThatCrossedTheCancelCounts) {
  See(1, {});
  See(3, {.method = "CANCEL"});
  Answer(4, 200);
  EXPECT_EQ(dialog().end_time_ns(), 0);
  EXPECT_EQ(Second(dialog().answer_time_ns()), 4);
}

TEST_F(DialogFold, TellsWhichSideHungUp) {
  See(1, {});
  Answer(2, 200);
  See(3, {.method = "BYE", .to_tag = "to", .cseq = 2});
  EXPECT_EQ(dialog().ended_by(), v1::SIDE_CALLER);
  // Crosses it.
  See(4, {.method = "BYE", .from_tag = "to", .to_tag = "from"}, true);
  EXPECT_EQ(dialog().ended_by(), v1::SIDE_CALLER);
}

TEST_F(DialogFold, TellsThatTheCalleeHungUpByTheAnswerAlone) {
  See(1, {});
  Answer(2, 200);
  See(3, {.method = "BYE", .status = 200, .from_tag = "to", .to_tag = "from"});
  EXPECT_EQ(dialog().end_reason(), v1::END_REASON_BYE);
  EXPECT_EQ(dialog().ended_by(), v1::SIDE_CALLEE);
}

TEST_F(DialogFold, TellsWhoGaveUpAndWhoRefused) {
  See(1, {});
  Answer(2, 180);
  See(3, {.method = "CANCEL"});
  EXPECT_EQ(dialog().ended_by(), v1::SIDE_CALLER);
  observation_.Clear();
  See(1, {});
  Answer(2, 486);
  EXPECT_EQ(dialog().ended_by(), v1::SIDE_CALLEE);
  observation_.Clear();
  // The CANCEL was not mirrored.
  See(1, {});
  Answer(2, 487);
  EXPECT_EQ(dialog().ended_by(), v1::SIDE_CALLER);
}

TEST_F(DialogFold, ForgetsWhoEndedWhatGoesOn) {
  See(1, {});
  See(2, {.status = 302, .to_tag = "to", .extra = "Reason: Q.850;cause=23\r\n"},
      true);
  EXPECT_EQ(dialog().release_cause(), 23u);
  See(3, {.cseq = 2, .branch = "z9hG4bK2"});
  EXPECT_EQ(dialog().ended_by(), v1::SIDE_UNSPECIFIED);
  EXPECT_EQ(dialog().release_cause(), 0u);
  EXPECT_EQ(dialog().release_reason(), "");
}

TEST_F(DialogFold, TellsWhyByTheReasonThatWasSaidFirst) {
  See(1, {});
  Answer(2, 200);
  See(3, {.method = "BYE",
          .to_tag = "to",
          .cseq = 2,
          .extra = "Reason: Q.850;cause=16;text=\"Normal call clearing\"\r\n"});
  See(4,
      {.method = "BYE",
       .from_tag = "to",
       .to_tag = "from",
       .extra = "Reason: Q.850;cause=31\r\n"},
      true);
  EXPECT_EQ(dialog().release_cause(), 16u);
  EXPECT_EQ(dialog().release_reason(), "Normal call clearing");
}

TEST_F(DialogFold, TellsThatAnotherPhoneTookTheCall) {
  See(1, {});
  See(3, {.method = "CANCEL",
          .extra = "Reason: SIP;cause=200;text=\"Call completed elsewhere\""
                   "\r\n"});
  Answer(4, 487);
  EXPECT_EQ(dialog().release_cause(), 0u);
  EXPECT_EQ(dialog().release_reason(), "Call completed elsewhere");
}

TEST_F(DialogFold, TellsTheReasonOfARefusal) {
  See(1, {});
  See(2,
      {.status = 503,
       .to_tag = "to",
       .extra = "Reason: Q.850;cause=34, SIP;cause=503\r\n"},
      true);
  EXPECT_EQ(dialog().release_cause(), 34u);
  EXPECT_EQ(dialog().release_reason(), "SIP 503");
}

TEST_F(DialogFold, AReasonIsTextAndBounded) {
  See(1, {});
  See(3,
      {.method = "CANCEL",
       .extra = "Reason: SIP;text=\"\xff" + std::string(200, 'x') + "\"\r\n"});
  EXPECT_EQ(dialog().release_reason(), "?" + std::string(63, 'x'));
}

TEST_F(DialogFold, AFailedReinviteEndsNothing) {
  See(1, {});
  Answer(2, 200);
  See(3, {.to_tag = "to", .cseq = 2});
  See(4, {.status = 488, .to_tag = "to", .cseq = 2}, true);
  EXPECT_EQ(dialog().end_time_ns(), 0);
  EXPECT_EQ(dialog().final_status(), 200u);
}

TEST_F(DialogFold, ForksRingOneAnswersTheOtherIsLeft) {
  See(1, {});
  Answer(2, 180, "a");
  Answer(3, 183, "b");
  Answer(4, 200, "b");
  Answer(5, 200, "a");
  See(6, {.method = "BYE", .to_tag = "a", .cseq = 2});
  EXPECT_THAT(dialog().to_tags(), testing::ElementsAre("a", "b"));
  EXPECT_EQ(dialog().answered_tag(), "b");
  EXPECT_EQ(dialog().end_time_ns(), 0);
  See(7, {.method = "BYE", .to_tag = "b", .cseq = 3});
  EXPECT_EQ(Second(dialog().end_time_ns()), 7);
}

TEST_F(DialogFold, RequestsOfTheCalleeHaveTheTagsSwapped) {
  See(1, {});
  Answer(2, 200);
  EXPECT_EQ(See(3, {.method = "BYE", .from_tag = "to", .to_tag = "from"}, true),
            Fit::kContinues);
  EXPECT_EQ(Second(dialog().end_time_ns()), 3);
  EXPECT_EQ(dialog().from_tag(), "from");
  EXPECT_THAT(dialog().to_tags(), testing::ElementsAre("to"));
  // INVITE, its answer, BYE.
  std::vector<bool> from_initiator;
  for (const auto& mark : dialog().marks()) {
    from_initiator.push_back(mark.from_initiator());
  }
  EXPECT_THAT(from_initiator, testing::ElementsAre(true, false, false));
}

TEST_F(DialogFold, ACalleesReinviteStatesItsOwnMedia) {
  See(1, {});
  Answer(2, 200);
  See(3,
      {.from_tag = "to",
       .to_tag = "from",
       .sdp = AudioSdp("10.0.0.2", 4002, "sendonly")},
      true);
  See(4, {.status = 200,
          .from_tag = "to",
          .to_tag = "from",
          .sdp = AudioSdp("10.0.0.1", 4000, "recvonly")});
  ASSERT_EQ(dialog().media_size(), 2);
  EXPECT_FALSE(dialog().media(0).from_initiator());
  EXPECT_EQ(dialog().media(0).direction(), "sendonly");
  EXPECT_TRUE(dialog().media(1).from_initiator());
}

TEST_F(DialogFold, SdpThatIsSaidAgainIsKeptOnce) {
  const Sip invite = {.sdp = AudioSdp("10.0.0.1", 4000)};
  See(1, invite);
  See(2, invite);
  Answer(3, 200);
  See(90, {.to_tag = "to", .cseq = 2, .sdp = AudioSdp("10.0.0.1", 4000)});
  EXPECT_EQ(dialog().media_size(), 1);
  See(91, {.to_tag = "to",
           .cseq = 3,
           .sdp = AudioSdp("10.0.0.1", 4000, "sendonly")});
  EXPECT_EQ(dialog().media_size(), 2);
}

// Keys are in the SIP message and nowhere else.
TEST_F(DialogFold, KeepsSuitesAndNoKeys) {
  constexpr char kKey[] = "d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
  const std::string key = kKey;
  See(1, {.sdp = AudioSdp("10.0.0.1", 4000) +
                 "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key +
                 "|2^20\r\na=crypto:2 " + key + "\r\na=crypto:3 inline:" + key +
                 " AES_CM_128_HMAC_SHA1_80\r\n" + "a=crypto:" + key + "\r\n"});
  ASSERT_EQ(dialog().media_size(), 1);
  const store::v1::SdpMedia& media = dialog().media(0);
  EXPECT_TRUE(media.encrypted());
  EXPECT_TRUE(media.best_effort());
  ASSERT_EQ(media.crypto_suites_size(), 4);
  EXPECT_EQ(media.crypto_suites(0), "AES_CM_128_HMAC_SHA1_80");
  EXPECT_EQ(dialog().DebugString().find(kKey), std::string::npos);
}

TEST_F(DialogFold, NobodyReceivesAtPortZeroOrNowhere) {
  See(1, {.sdp = AudioSdp("10.0.0.1", 0)});
  See(2, {.cseq = 2, .sdp = AudioSdp("0.0.0.0", 4000)});
  EXPECT_EQ(dialog().media_size(), 2);
  EXPECT_THAT(tokens_, testing::Not(testing::Contains(
                           EndpointToken("site", fakes::At("10.0.0.1", 0)))));
  EXPECT_THAT(tokens_, testing::Not(testing::Contains(
                           EndpointToken("site", fakes::At("0.0.0.0", 4000)))));
}

TEST_F(DialogFold, KeepsWhereIceMayTakeTheMedia) {
  const std::string candidate =
      "a=candidate:1 1 UDP 2130706431 10.0.0.1 4000 typ host\r\n";
  const std::string refused =
      "m=video 0 UDP/TLS/RTP/SAVPF 96\r\n"
      "a=candidate:1 1 UDP 2130706431 10.0.0.1 4002 typ host\r\n";
  See(1, {.sdp = "v=0\r\nc=IN IP4 0.0.0.0\r\n"
                 "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n" +
                 candidate + refused});
  ASSERT_EQ(dialog().media_size(), 2);
  ASSERT_EQ(dialog().media(0).candidates_size(), 1);
  EXPECT_EQ(FromProto(dialog().media(0).candidates(0)),
            fakes::At("10.0.0.1", 4000));
  EXPECT_THAT(tokens_, testing::Contains(
                           EndpointToken("site", fakes::At("10.0.0.1", 4000))));
  EXPECT_THAT(tokens_, testing::Not(testing::Contains(EndpointToken(
                           "site", fakes::At("10.0.0.1", 4002)))));
}

TEST_F(DialogFold, AMessageThatIsNotLaterWasSeen) {
  See(1, {});
  Answer(2, 180);
  EXPECT_EQ(See(1, {}), Fit::kRepeat);
  EXPECT_EQ(Answer(2, 180), Fit::kRepeat);
  EXPECT_EQ(dialog().messages(), 2u);
}

TEST_F(DialogFold, ARetransmissionIsCountedAndChangesNothing) {
  See(1, {});
  Answer(2, 486);
  EXPECT_EQ(See(3, {}), Fit::kContinues);
  EXPECT_EQ(dialog().messages(), 3u);
  EXPECT_EQ(Second(dialog().end_time_ns()), 2);
}

TEST_F(DialogFold, TheSameCallIdASecondAfterTheByeIsANewCall) {
  See(1, {});
  Answer(2, 200);
  See(3, {.method = "BYE", .to_tag = "to", .cseq = 2});
  EXPECT_EQ(See(4, {}), Fit::kBeginsAnew);
}

TEST_F(DialogFold, AnAnswerWithAnotherTagAfterTheByeIsOfANewCall) {
  // Only what the callee's side sends is mirrored.
  Answer(1, 180);
  Answer(2, 200);
  See(3, {.method = "BYE", .status = 200, .to_tag = "to", .cseq = 2}, true);
  EXPECT_EQ(Answer(4, 200), Fit::kContinues);  // Again: the ACK was lost.
  EXPECT_EQ(Answer(5, 100, ""), Fit::kBeginsAnew);
  EXPECT_EQ(Answer(5, 180, "to2"), Fit::kBeginsAnew);
}

TEST_F(DialogFold, ForksThatAnswerAfterOneRefusedAreOfTheSameCall) {
  See(1, {});
  Answer(2, 486);
  EXPECT_EQ(Answer(3, 180, "to2"), Fit::kContinues);
}

TEST_F(DialogFold, TheSameCallIdLongAfterARefusalIsANewCall) {
  See(1, {});
  Answer(2, 486);
  EXPECT_EQ(See(60, {}), Fit::kBeginsAnew);
  EXPECT_EQ(See(60, {.cseq = 2}), Fit::kBeginsAnew);
}

TEST_F(DialogFold, OtherTagsAreOtherDialogs) {
  See(1, {});
  EXPECT_EQ(See(2, {.from_tag = "else"}), Fit::kOther);
  EXPECT_EQ(See(2, {.call_id = "else"}), Fit::kOther);
}

TEST_F(DialogFold, ACaptureThatBeginsInTheMiddleSaysSo) {
  See(1, {.from_tag = "x", .to_tag = "y", .cseq = 7});
  See(2, {.status = 200, .from_tag = "x", .to_tag = "y", .cseq = 7}, true);
  EXPECT_TRUE(dialog().began_before());
  EXPECT_EQ(dialog().invite_time_ns(), 0);
  EXPECT_EQ(dialog().answer_time_ns(), 0);
  // Whichever side had begun.
  EXPECT_THAT(tokens_, testing::UnorderedElementsAre(DialogToken("call-1", "x"),
                                                     DialogToken("call-1", "y"),
                                                     NameToken("call-1")));
  See(3, {.method = "BYE", .from_tag = "y", .to_tag = "x"}, true);
  EXPECT_EQ(dialog().end_reason(), v1::END_REASON_BYE);
}

TEST_F(DialogFold, ACaptureOfOneDirectionKnowsTheInitiator) {
  Answer(1, 100, "");
  Answer(2, 180);
  Answer(3, 200);
  EXPECT_FALSE(dialog().began_before());
  EXPECT_EQ(FromProto(dialog().initiator()), kPhone);
  EXPECT_EQ(Second(dialog().ringing_time_ns()), 2);
  EXPECT_EQ(Second(dialog().answer_time_ns()), 3);
}

TEST_F(DialogFold, OtherMethodsMakeADialogButNoCall) {
  See(1, {.method = "REGISTER"});
  See(2, {.method = "REGISTER", .status = 200, .to_tag = "to"}, true);
  EXPECT_EQ(dialog().method(), "REGISTER");
  EXPECT_EQ(dialog().answer_time_ns(), 0);
  EXPECT_THAT(tokens_, testing::IsEmpty());
}

TEST_F(DialogFold, ARequestIsWhatItsFirstLineSays) {
  v1::CallFrame frame =
      SipFrame(kSecond, kPhone, kPbx, Sip{.method = "OPTIONS"});
  std::string& text = *frame.mutable_sip()->mutable_message();
  text.replace(text.find("1 OPTIONS"), 9, "1 INVITE");
  const auto message = ReadMessage(frame.sip(), {kPhone, kPbx});
  ASSERT_TRUE(message);
  BeginDialog(*message, headers_, observation_);
  EXPECT_EQ(dialog().method(), "OPTIONS");
}

TEST_F(DialogFold, AReferOutsideOfACallMakesNone) {
  See(1, {.method = "REFER"});
  See(2, {.method = "REFER", .status = 202, .to_tag = "to"}, true);
  EXPECT_EQ(dialog().method(), "REFER");
}

TEST_F(DialogFold, AReferWithinACallShowsThatThereIsOne) {
  See(1, {.method = "OPTIONS", .to_tag = "to"});
  See(2, {.method = "REFER", .to_tag = "to", .cseq = 2});
  EXPECT_EQ(dialog().method(), "INVITE");
  EXPECT_TRUE(dialog().began_before());
}

TEST_F(DialogFold, ACallMayBeginAfterAnotherRequestOfItsDialog) {
  See(1, {.method = "OPTIONS"});
  See(2, {.cseq = 2});
  EXPECT_EQ(dialog().method(), "INVITE");
  EXPECT_FALSE(dialog().began_before());
}

TEST_F(DialogFold, NothingGrowsWithoutBound) {
  See(1, {});
  for (int i = 0; i < 200; ++i) {
    const std::string number = std::to_string(i);
    See(2 + i,
        {.status = 183,
         .to_tag = number,
         .sdp = AudioSdp("10.0.0.2", static_cast<uint16_t>(4000 + i))},
        true);
  }
  EXPECT_EQ(dialog().messages(), 201u);
  EXPECT_EQ(dialog().to_tags_size(), 16);
  EXPECT_EQ(dialog().marks_size(), 64);
  EXPECT_EQ(dialog().media_size(), 64);
}

TEST(ReadMessage, RefusesWhatCannotBeToldFromOthers) {
  const FlowKey flow{kPhone, kPbx};
  const auto read = [&flow](const Sip& sip) {
    return ReadMessage(SipFrame(1, kPhone, kPbx, sip).sip(), flow).has_value();
  };
  EXPECT_TRUE(read({}));
  EXPECT_FALSE(read({.call_id = std::string(513, 'x')}));
  EXPECT_FALSE(read({.from_tag = std::string(257, 'x')}));
  v1::SipFrame frame;
  frame.set_message("not SIP at all");
  EXPECT_FALSE(ReadMessage(frame, flow));
}

TEST(ReadMessage, KeepsBytesThatAreNoTextOutOfTheStore) {
  const auto frame =
      SipFrame(1, kPhone, kPbx, {.call_id = "\xff\xfe", .from_tag = "\x80"});
  const auto message = ReadMessage(frame.sip(), {kPhone, kPbx});
  ASSERT_TRUE(message);
  EXPECT_EQ(message->call_id, "??");
  EXPECT_EQ(message->from_tag, "?");
}

}  // namespace
}  // namespace callbraid::collector
