#include <string>

#include "tests/unit/collector/correlate/link_scenes.h"

// REFER, and redirection by 3xx.

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kSecond;
using fakes::Link;
using scenes::Between;
using scenes::LegOf;
using store::v1::LINK_KIND_REDIRECT;
using store::v1::LINK_KIND_REFER_TO;
using store::v1::LINK_KIND_REFERRED_BY;

constexpr char kAnn[] = "10.0.1.1";
constexpr char kBob[] = "10.0.1.2";
constexpr char kCem[] = "10.0.1.3";
constexpr char kPbx[] = "10.0.0.9";

class TransferTest : public scenes::LinkTest {
 protected:
  std::optional<Evidence> Of(const Node& a, const Node& b) {
    return AmongAll(a, b, Transfer);
  }
  // Ann (101) called Bob (102), who sends her to Cem (103) at 9 s.
  static Dialog Referring(uint32_t status = 202) {
    Dialog leg = Between(LegOf("first", kAnn, kBob), "101", "102");
    leg.links = {{.kind = LINK_KIND_REFER_TO,
                  .value = "sip:103@10.0.0.9",
                  .at_ms = 9000,
                  .from_initiator = false,
                  .status = status}};
    return leg;
  }
  static Dialog Asked(const std::string& call_id = "new",
                      const std::string& from = kAnn, int64_t start_ms = 9100) {
    return Between(LegOf(call_id, from, kCem, start_ms), "101", "103");
  }
  // Both Referred-By.
  static Dialog ReferringAs(const std::string& number) {
    Dialog leg = Referring();
    leg.links[0].referred_by = "sip:" + number + "@10.0.0.9";
    return leg;
  }
  static Dialog AskedBy(const std::string& number) {
    return scenes::With(Asked(), LINK_KIND_REFERRED_BY,
                        "sip:" + number + "@10.0.0.9");
  }
};

TEST_F(TransferTest, JoinsTheCallThatWasAskedFor) {
  const auto evidence = Of(Seen(Referring()), Seen(Asked()));
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->kind, v1::EVIDENCE_KIND_TRANSFER);
  EXPECT_EQ(evidence->score, policy_.transfer);
  EXPECT_EQ(evidence->detail,
            "REFER to sip:103@10.0.0.9, then INVITE to there");
  EXPECT_FALSE(evidence->turns);
}

TEST_F(TransferTest, TurnsWhereTheCallerRefers) {
  Dialog first = Referring();
  first.initiator = std::string(kBob) + ":5060";
  first.responder = std::string(kAnn) + ":5060";
  first.links[0].from_initiator = true;
  const auto evidence = Of(Seen(first), Seen(Asked()));
  ASSERT_TRUE(evidence);
  EXPECT_TRUE(evidence->turns);
}

TEST_F(TransferTest, JoinsTheCallOfAPbxThatWasAsked) {
  Dialog first = Referring();
  first.initiator = std::string(kPbx) + ":5060";
  EXPECT_TRUE(Of(Seen(first), Seen(Asked("new", kPbx))));
}

TEST_F(TransferTest, KnowsTheNumberHoweverItIsWritten) {
  Dialog first = Referring();
  first.links[0].value = "tel:+49-30-111-222-333";
  const Dialog asked = Between(Asked(), "101", "030111222333");
  EXPECT_TRUE(Of(Seen(first), Seen(asked)));
}

TEST_F(TransferTest, IsSurerIfTheCallSaysWhoReferred) {
  const auto evidence = Of(Seen(ReferringAs("102")), Seen(AskedBy("102")));
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->score, policy_.transfer_confirmed);
}

TEST_F(TransferTest, IsSurerIfTheReferrerWasNotified) {
  Dialog first = Referring();
  first.transfer_status = 200;
  EXPECT_EQ(Of(Seen(first), Seen(Asked()))->score, policy_.transfer_confirmed);
}

TEST_F(TransferTest, DoesNotJoinACallThatSomebodyElseReferred) {
  EXPECT_FALSE(Of(Seen(ReferringAs("102")), Seen(AskedBy("105"))));
}

TEST_F(TransferTest, DoesNotTakeOneReferForAnother) {
  // The dialog came of a REFER, too, and the call is itself referred on.
  const Dialog first =
      scenes::With(ReferringAs("102"), LINK_KIND_REFERRED_BY, "sip:100@h");
  Dialog next = Asked();
  next.links = {{.kind = LINK_KIND_REFER_TO,
                 .value = "sip:104@10.0.0.9",
                 .at_ms = 15'000,
                 .from_initiator = false,
                 .referred_by = "sip:103@10.0.0.9"}};
  EXPECT_TRUE(Of(Seen(first), Seen(next)));
}

TEST_F(TransferTest, DoesNotJoinACallToSomebodyElse) {
  EXPECT_FALSE(Of(Seen(Referring()), Seen(Between(Asked(), "101", "104"))));
}

TEST_F(TransferTest, DoesNotJoinACallFromSomewhereElse) {
  EXPECT_FALSE(Of(Seen(Referring()), Seen(Asked("new", "10.0.1.7"))));
}

TEST_F(TransferTest, DoesNotJoinACallBeforeOrLongAfterTheRefer) {
  EXPECT_FALSE(Of(Seen(Referring()), Seen(Asked("new", kAnn, 8000))));
  EXPECT_FALSE(Of(Seen(Referring()), Seen(Asked("new", kAnn, 22'000))));
}

TEST_F(TransferTest, DoesNotJoinIfTheReferWasRefused) {
  EXPECT_FALSE(Of(Seen(Referring(603)), Seen(Asked())));
}

TEST_F(TransferTest, AllowsForTheClocksOfTwoSensors) {
  EXPECT_TRUE(
      Of(Seen(Referring()), Seen(Asked(), {"s2", "eth0", "hq", -3 * kSecond})));
  EXPECT_FALSE(
      Of(Seen(Referring()), Seen(Asked(), {"s2", "eth0", "hq", 60 * kSecond})));
}

TEST_F(TransferTest, KeepsSitesApart) {
  EXPECT_FALSE(Of(Seen(Referring()), Seen(Asked(), {"s2", "eth0", "branch"})));
}

TEST_F(TransferTest, PrefersTheCallForAPartyOfTheDialog) {
  Dialog first = Referring();
  first.initiator = std::string(kPbx) + ":5060";
  const Node& a = Seen(first);
  const Node& mine = Seen(Asked("new", kPbx));
  const Node& other = Seen(Between(Asked("other", kPbx), "177", "103"));
  EXPECT_TRUE(Of(a, mine));
  EXPECT_FALSE(Of(a, other));
}

TEST_F(TransferTest, WantsToBeToldOfACallForSomebodyElse) {
  Dialog first = Referring();
  first.initiator = std::string(kPbx) + ":5060";
  const Dialog asked = Between(Asked("new", kPbx), "4930999", "103");
  EXPECT_FALSE(Of(Seen(first), Seen(asked)));
  first.transfer_status = 180;
  EXPECT_TRUE(Of(Seen(first), Seen(asked)));
}

TEST_F(TransferTest, SaysNothingIfTwoCallsFitAlike) {
  Dialog first = Referring();
  first.transfer_status = 200;
  first.initiator = std::string(kPbx) + ":5060";
  const Node& a = Seen(first);
  const Node& x = Seen(Between(Asked("x", kPbx), "176", "103"));
  EXPECT_TRUE(Of(a, x));
  const Node& y = Seen(Between(Asked("y", kPbx), "177", "103"));
  EXPECT_FALSE(Of(a, x));
  EXPECT_FALSE(Of(a, y));
}

TEST_F(TransferTest, SaysNothingIfTwoRefersFitAlike) {
  Dialog first = Referring();
  first.initiator = std::string(kPbx) + ":5060";
  Dialog second = Between(LegOf("second", kPbx, "10.0.1.5"), "101", "105");
  second.links = first.links;
  const Node& a = Seen(first);
  const Node& call = Seen(Asked("new", kPbx));
  EXPECT_TRUE(Of(a, call));
  Seen(second);
  EXPECT_FALSE(Of(a, call));
}

TEST_F(TransferTest, TakesForksForOneCall) {
  Dialog first = Referring();
  first.initiator = std::string(kPbx) + ":5060";
  Dialog fork = Asked("fork", kPbx);
  fork.responder = "10.0.1.33:5060";
  const Node& a = Seen(first);
  EXPECT_TRUE(Of(a, Seen(Asked("new", kPbx))));
  EXPECT_TRUE(Of(a, Seen(fork)));
}

TEST_F(TransferTest, GoesByWhatIsKnownOfTheClocks) {
  const fakes::Spot ahead{"s2", "eth0", "hq", 2112 * kSecond};
  const Node& first = Seen(Referring());
  const Node& asked = Seen(Asked(), ahead);
  EXPECT_FALSE(Of(first, asked));
  KnowClocks({{}, ahead});
  EXPECT_TRUE(Of(first, asked));
}

class RedirectTest : public scenes::LinkTest {
 protected:
  std::optional<Evidence> Of(const Node& a, const Node& b) {
    return AmongAll(a, b, Redirect);
  }
  static Dialog Redirected(const std::string& call_id = "first",
                           const std::string& caller = "101") {
    Dialog leg = Between(LegOf(call_id, kPbx, kBob), caller, "102");
    leg.answer_ms = -1;
    leg.ring_ms = -1;
    leg.end_ms = 300;
    leg.end_reason = v1::END_REASON_REFUSED;
    leg.final_status = 302;
    leg.links = {{.kind = LINK_KIND_REDIRECT,
                  .value = "sip:103@10.0.1.3",
                  .at_ms = 300,
                  .from_initiator = false}};
    return leg;
  }
  static Dialog Retry(const std::string& call_id = "new",
                      int64_t start_ms = 1500) {
    return Between(LegOf(call_id, kPbx, kCem, start_ms), "101", "103");
  }
};

TEST_F(RedirectTest, JoinsTheCallToTheContact) {
  const auto evidence = Of(Seen(Redirected()), Seen(Retry()));
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->kind, v1::EVIDENCE_KIND_REDIRECT);
  EXPECT_EQ(evidence->detail, "302 to sip:103@10.0.1.3, then INVITE to there");
}

TEST_F(RedirectTest, JoinsTheNextTryWithTheSameCallId) {
  Dialog retry = Retry("first", 4000);
  retry.to = "sip:102@10.0.0.9";
  retry.request_uri = "sip:103@10.0.1.3";
  EXPECT_TRUE(Of(Seen(Redirected()), Seen(retry)));
}

TEST_F(RedirectTest, DoesNotJoinWithoutTheContact) {
  EXPECT_FALSE(Of(Seen(Redirected()), Seen(Between(Retry(), "101", "104"))));
  EXPECT_FALSE(Of(Seen(Redirected()), Seen(Between(Retry(), "107", "103"))));
  EXPECT_FALSE(Of(Seen(Redirected()), Seen(Retry("new", 20'000))));
  Dialog elsewhere = Retry();
  elsewhere.initiator = "10.0.1.7:5060";
  EXPECT_FALSE(Of(Seen(Redirected()), Seen(elsewhere)));
}

TEST_F(RedirectTest, DoesNotJoinACallThatWasRefused) {
  Dialog busy = Redirected();
  busy.final_status = 486;
  EXPECT_FALSE(Of(Seen(busy), Seen(Retry())));
}

TEST_F(RedirectTest, TakesForksAndTheNextContactForOneCall) {
  const Node& first = Seen(Redirected());
  Dialog refused = Retry("refused", 600);
  refused.answer_ms = -1;
  refused.end_ms = 900;
  refused.final_status = 503;
  refused.responder = "10.0.5.1:5060";
  EXPECT_TRUE(Of(first, Seen(refused)));
  EXPECT_TRUE(Of(first, Seen(Retry("next", 1000))));
  Dialog fork = Retry("fork", 1000);
  fork.responder = "10.0.1.4:5060";
  EXPECT_TRUE(Of(first, Seen(fork)));
  // Who calls there for somebody else is none of them.
  Seen(Between(Retry("other", 1200), "anonymous", "103"));
  EXPECT_FALSE(Of(first, Seen(fork)));
}

TEST_F(RedirectTest, SaysNothingIfTwoWereSentThere) {
  const Node& first = Seen(Redirected());
  const Node& retry = Seen(Retry());
  EXPECT_TRUE(Of(first, retry));
  Seen(Redirected("second"));
  EXPECT_FALSE(Of(first, retry));
}

TEST_F(RedirectTest, GoesByWhatIsKnownOfTheClocks) {
  const fakes::Spot ahead{"s2", "eth0", "hq", 2112 * kSecond};
  const Node& first = Seen(Redirected());
  const Node& retry = Seen(Retry(), ahead);
  EXPECT_FALSE(Of(first, retry));
  KnowClocks({{}, ahead});
  EXPECT_TRUE(Of(first, retry));
}

}  // namespace
}  // namespace callbraid::collector
