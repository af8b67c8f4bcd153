#include <string>

#include "tests/unit/collector/correlate/link_scenes.h"

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::Link;
using fakes::Spot;
using scenes::LegOf;
using scenes::Naming;
using scenes::NamingToInitiator;
using store::v1::LINK_KIND_JOIN;
using store::v1::LINK_KIND_REFER_REPLACES;
using store::v1::LINK_KIND_REPLACES;
using store::v1::LINK_KIND_TARGET_DIALOG;

constexpr char kAnn[] = "10.0.1.1";
constexpr char kBob[] = "10.0.1.2";
constexpr char kCem[] = "10.0.1.3";
constexpr char kPbx[] = "10.0.0.9";

class ReplacesTest : public scenes::LinkTest {
 protected:
  std::optional<Evidence> Of(const Node& a, const Node& b) {
    return EitherWay(a, b, [this](const Node& x, const Node& y) {
      return Replaces(x, y, policy_, clocks_.Between(x, y));
    });
  }
  // Bob talks to Cem; Ann takes his place.
  const Dialog consult_ = LegOf("consult", kBob, kCem);
  static Dialog Replacing(const Link& link, const std::string& from = kAnn,
                          const std::string& to = kCem) {
    Dialog leg = LegOf("new", from, to, 10'000);
    leg.links = {link};
    return leg;
  }
};

TEST_F(ReplacesTest, JoinsTheDialogThatIsReplaced) {
  const auto evidence =
      Of(Seen(consult_), Seen(Replacing(Naming(LINK_KIND_REPLACES, consult_))));
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->kind, v1::EVIDENCE_KIND_REPLACES);
  EXPECT_EQ(evidence->detail, "Replaces names Call-ID consult and both tags");
  EXPECT_FALSE(evidence->turns);
}

TEST_F(ReplacesTest, TurnsWhereTheInitiatorIsAskedToReplaceTheResponder) {
  // Ann calls Bob; Cem picks up by asking Ann.
  const Dialog ringing = LegOf("ringing", kAnn, kBob);
  const auto evidence =
      Of(Seen(ringing),
         Seen(Replacing(NamingToInitiator(LINK_KIND_REPLACES, ringing), kCem,
                        kAnn)));
  ASSERT_TRUE(evidence);
  EXPECT_TRUE(evidence->turns);
}

TEST_F(ReplacesTest, JoinsByJoinAndTargetDialog) {
  for (const auto kind : {LINK_KIND_JOIN, LINK_KIND_TARGET_DIALOG}) {
    EXPECT_TRUE(Of(Seen(consult_), Seen(Replacing(Naming(kind, consult_)))));
  }
}

TEST_F(ReplacesTest, WantsBothTags) {
  for (const bool first : {true, false}) {
    Link link = Naming(LINK_KIND_REPLACES, consult_);
    (first ? link.to_tag : link.from_tag) = "guessed";
    EXPECT_FALSE(Of(Seen(consult_), Seen(Replacing(link))));
  }
  Link one_tag = Naming(LINK_KIND_REPLACES, consult_);
  one_tag.to_tag = one_tag.from_tag;
  EXPECT_FALSE(Of(Seen(consult_), Seen(Replacing(one_tag))));
}

TEST_F(ReplacesTest, WantsThatItWasAccepted) {
  Dialog refused = Replacing(Naming(LINK_KIND_REPLACES, consult_));
  refused.answer_ms = -1;
  refused.end_ms = 10'100;
  refused.end_reason = v1::END_REASON_REFUSED;
  refused.final_status = 481;
  EXPECT_FALSE(Of(Seen(consult_), Seen(refused)));
}

TEST_F(ReplacesTest, WantsAHostThatHasAPartInBoth) {
  EXPECT_FALSE(
      Of(Seen(consult_), Seen(Replacing(Naming(LINK_KIND_REPLACES, consult_),
                                        "10.0.6.6", "10.0.6.7"))));
}

TEST_F(ReplacesTest, WantsThatTheReplacedDialogIsThere) {
  Dialog late = Replacing(Naming(LINK_KIND_REPLACES, consult_));
  late.invite_ms = 30'000;
  late.ring_ms = 30'100;
  late.answer_ms = 31'000;
  late.end_ms = 40'000;
  EXPECT_FALSE(Of(Seen(consult_), Seen(late)));
}

TEST_F(ReplacesTest, JoinsADialogOfWhichTheBeginningWasNotSeen) {
  Dialog middle = consult_;
  middle.began_before = true;
  EXPECT_TRUE(
      Of(Seen(middle), Seen(Replacing(Naming(LINK_KIND_REPLACES, consult_)))));
}

TEST_F(ReplacesTest, KeepsSitesApart) {
  EXPECT_FALSE(
      Of(Seen(consult_), Seen(Replacing(Naming(LINK_KIND_REPLACES, consult_)),
                              {"s2", "eth0", "branch"})));
}

// Ann (through the PBX) talks to Bob, who called Cem and connects the two.
class ReferReplacesTest : public ReplacesTest {
 protected:
  Dialog Referring(bool by_initiator, uint32_t status = 202) {
    Dialog leg =
        by_initiator ? LegOf("first", kBob, kPbx) : LegOf("first", kPbx, kBob);
    Link link = Naming(LINK_KIND_REFER_REPLACES, held_);
    link.at_ms = 9000;
    link.from_initiator = by_initiator;
    link.status = status;
    leg.links = {link};
    return leg;
  }
  const Dialog held_ = LegOf("consult", kBob, kPbx, 4000);
};

TEST_F(ReferReplacesTest, JoinsBothDialogsOfWhoConnectsThem) {
  const auto evidence = Of(Seen(Referring(false)), Seen(held_));
  ASSERT_TRUE(evidence);
  EXPECT_EQ(evidence->detail,
            "REFER with Replaces names Call-ID consult and both tags");
  // Bob was called, then Cem is: the new one is on the callee's side.
  EXPECT_FALSE(evidence->turns);
}

TEST_F(ReferReplacesTest, TurnsWhereTheCallerConnects) {
  const auto evidence = Of(Seen(Referring(true)), Seen(held_));
  ASSERT_TRUE(evidence);
  EXPECT_TRUE(evidence->turns);
}

TEST_F(ReferReplacesTest, WantsThatTheReferWasAccepted) {
  EXPECT_FALSE(Of(Seen(Referring(false, 403)), Seen(held_)));
  EXPECT_FALSE(Of(Seen(Referring(false, 0)), Seen(held_)));
  Dialog notified = Referring(false, 0);
  notified.transfer_status = 200;
  EXPECT_TRUE(Of(Seen(notified), Seen(held_)));
}

TEST_F(ReferReplacesTest, WantsThatTheTransferDidNotFail) {
  Dialog failed = Referring(false);
  failed.transfer_status = 503;
  EXPECT_FALSE(Of(Seen(failed), Seen(held_)));
}

TEST_F(ReplacesTest, GoesByWhatIsKnownOfTheClocks) {
  const Spot ahead{"s2", "eth0", "hq", 2112 * fakes::kSecond};
  const Node& consult = Seen(consult_);
  const Node& replacing =
      Seen(Replacing(Naming(LINK_KIND_REPLACES, consult_)), ahead);
  EXPECT_FALSE(Of(consult, replacing));
  KnowClocks({{}, ahead});
  EXPECT_TRUE(Of(consult, replacing));
}

}  // namespace
}  // namespace callbraid::collector
