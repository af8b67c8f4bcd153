#include "collector/evidence/sdp_endpoint.h"

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/fakes/call_scene.h"

namespace callbraid::collector {
namespace {

using fakes::Dialog;
using fakes::kMs;
using fakes::See;
using fakes::Spot;
using fakes::Stream;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const EvidencePolicy kPolicy;

class SdpEndpointTest : public ::testing::Test {
 protected:
  template <typename T>
  const Node& Seen(const T& what, const Spot& spot = {}) {
    nodes_.push_back(*MakeNode(See(what, spot)));
    return nodes_.back();
  }
  // Call-IDs (with the sensor) of the dialogs that `stream` belongs to.
  std::vector<std::string> Chosen(const Node& stream) {
    std::vector<SdpClaim> claims;
    for (const Node& node : nodes_) {
      if (const auto claim = ClaimOn(node, stream, kPolicy)) {
        claims.push_back(*claim);
      }
    }
    std::vector<std::string> chosen;
    for (const SdpClaim& claim : ChooseClaims(stream, claims, kPolicy)) {
      chosen.push_back(claim.dialog->dialog().call_id() + "@" +
                       claim.dialog->sensor());
    }
    return chosen;
  }

 private:
  std::deque<Node> nodes_;
};

Dialog At(const std::string& call_id, int64_t invite_ms, int64_t end_ms) {
  Dialog dialog;
  dialog.call_id = call_id;
  dialog.invite_ms = invite_ms;
  dialog.ring_ms = invite_ms + 50;
  dialog.answer_ms = invite_ms + 1000;
  dialog.end_ms = end_ms;
  return dialog;
}

Stream From(int64_t start_ms) {
  Stream stream;
  stream.start_ms = start_ms;
  return stream;
}

TEST_F(SdpEndpointTest, TakesTheDestinationAndTheSource) {
  const Node& dialog = Seen(Dialog());
  const Node& stream = Seen(Stream());
  const auto claim = ClaimOn(dialog, stream, kPolicy);
  ASSERT_TRUE(claim);
  EXPECT_TRUE(claim->destination);
  EXPECT_TRUE(claim->source);
  EXPECT_FALSE(claim->to_initiator);
  const Evidence evidence = EvidenceOf(*claim, stream, kPolicy);
  EXPECT_EQ(evidence.kind, v1::EVIDENCE_KIND_SDP_DESTINATION);
  EXPECT_EQ(evidence.score, 1.0);
}

TEST_F(SdpEndpointTest, TakesTheSourceAloneForLess) {
  Stream translated;
  translated.destination = "203.0.113.1:9999";
  const Node& stream = Seen(translated);
  const auto claim = ClaimOn(Seen(Dialog()), stream, kPolicy);
  ASSERT_TRUE(claim);
  EXPECT_FALSE(claim->destination);
  EXPECT_FALSE(claim->to_initiator);
  EXPECT_LT(EvidenceOf(*claim, stream, kPolicy).score, 0.9);
}

TEST_F(SdpEndpointTest, TakesMediaThatCameBeforeItsSdp) {
  Dialog dialog = At("late", 2500, 20'000);
  Seen(dialog);
  EXPECT_THAT(Chosen(Seen(From(1500))), ElementsAre("late@s1"));
  EXPECT_THAT(Chosen(Seen(From(200))), IsEmpty());
}

TEST_F(SdpEndpointTest, TakesMediaSeenByAnotherSensorWithinTheTolerance) {
  Seen(Dialog());
  EXPECT_THAT(Chosen(Seen(From(2100), {"s2", "eth0", "hq", 2900 * kMs})),
              ElementsAre("call-1@s1"));
  EXPECT_THAT(Chosen(Seen(From(2100), {"s2", "eth0", "hq", 60'000 * kMs})),
              IsEmpty());
}

TEST_F(SdpEndpointTest, NeverMatchesNoAddressOrNoPort) {
  Dialog held;
  held.offer = "0.0.0.0:4000";
  held.answer = "10.0.0.9:0";
  Seen(held);
  Stream stream;
  stream.source = "0.0.0.0:4000";
  stream.destination = "10.0.0.9:0";
  EXPECT_THAT(Chosen(Seen(stream)), IsEmpty());
}

// As two browsers have it: what their lines name themselves is nowhere.
TEST_F(SdpEndpointTest, TakesMediaWhereIceTookIt) {
  Dialog of_browsers;
  of_browsers.offer = "0.0.0.0:9";
  of_browsers.answer = "0.0.0.0:9";
  StoredObservation seen = See(of_browsers, {});
  auto& dialog = *seen.observation.mutable_dialog();
  ASSERT_EQ(dialog.media_size(), 2);
  const auto name = [](const char* address, uint16_t port,
                       store::v1::SdpMedia& media) {
    *media.add_candidates() =
        ToProto(Endpoint{*IpAddress::Parse(address), port});
  };
  name("10.0.0.1", 4000, *dialog.mutable_media(0));
  name("192.0.2.3", 45'664, *dialog.mutable_media(0));
  name("10.0.0.9", 30'000, *dialog.mutable_media(1));
  const auto node = MakeNode(std::move(seen));
  ASSERT_TRUE(node);
  const auto claim = ClaimOn(*node, Seen(Stream()), kPolicy);
  ASSERT_TRUE(claim);
  EXPECT_TRUE(claim->destination);
  EXPECT_TRUE(claim->source);
  EXPECT_TRUE(claim->both_sides);
}

TEST_F(SdpEndpointTest, DoesNotMatchAnotherSite) {
  Seen(Dialog());
  EXPECT_THAT(Chosen(Seen(Stream(), {"s2", "eth0", "lab"})), IsEmpty());
}

TEST_F(SdpEndpointTest, GivesAReusedPortToTheCallOfItsTime) {
  Seen(At("first", 0, 10'000));
  Seen(At("second", 10'400, 20'000));
  EXPECT_THAT(Chosen(Seen(From(1100))), ElementsAre("first@s1"));
  EXPECT_THAT(Chosen(Seen(From(11'500))), ElementsAre("second@s1"));
  // Between the two: the first is over.
  EXPECT_THAT(Chosen(Seen(From(10'200))), ElementsAre("second@s1"));
}

TEST_F(SdpEndpointTest, GivesAReusedPortToTheNextCallThoughTheByeWasLost) {
  Dialog first = At("first", 0, -1);
  Seen(first);
  Seen(At("second", 60'000, 90'000));
  EXPECT_THAT(Chosen(Seen(From(1100))), ElementsAre("first@s1"));
  EXPECT_THAT(Chosen(Seen(From(61'100))), ElementsAre("second@s1"));
}

TEST_F(SdpEndpointTest, JoinsTheLegsOfAPbxThatPassesSdpOn) {
  Seen(Dialog());
  Dialog second;
  second.call_id = "call-2";
  second.initiator = "10.0.0.9:5060";
  second.responder = "10.0.0.2:5060";
  second.invite_ms = 30;
  Seen(second);
  EXPECT_THAT(Chosen(Seen(Stream())),
              UnorderedElementsAre("call-1@s1", "call-2@s1"));
}

TEST_F(SdpEndpointTest, GivesAPortThatAllCallsShareToNone) {
  Seen(At("one", 0, 20'000));
  Seen(At("two", 500, 20'000));
  EXPECT_THAT(Chosen(Seen(From(3000))), IsEmpty());
}

TEST_F(SdpEndpointTest, TellsCallsThatShareOnePortByTheOther) {
  Dialog other = At("two", 500, 20'000);
  other.offer = "10.0.0.1:4002";
  Seen(At("one", 0, 20'000));
  Seen(other);
  EXPECT_THAT(Chosen(Seen(From(3000))), ElementsAre("one@s1"));
}

TEST_F(SdpEndpointTest, TakesADialogAtTwoSensorsWhoseClocksAgree) {
  Seen(Dialog());
  Seen(Dialog(), {"s2", "eth0", "hq", 10 * kMs});
  EXPECT_THAT(Chosen(Seen(Stream())),
              UnorderedElementsAre("call-1@s1", "call-1@s2"));
}

TEST_F(SdpEndpointTest, PrefersWhatItsOwnSensorSaw) {
  Seen(At("here", 0, 20'000), {"s2", "eth0", "hq", 8000 * kMs});
  Seen(At("there", 8500, 20'000));
  EXPECT_THAT(Chosen(Seen(From(1100), {"s2", "eth0", "hq", 8000 * kMs})),
              ElementsAre("here@s2"));
}

TEST_F(SdpEndpointTest, SaysWhenSignallingSetsStreamsApart) {
  const Node& first = Seen(At("first", 0, 10'000));
  const Node& second = Seen(At("second", 20'000, 30'000));
  const std::vector<SdpClaim> one = {{.dialog = &first}};
  const std::vector<SdpClaim> other = {{.dialog = &second}};
  EXPECT_FALSE(MayShareDialog(one, other));
  EXPECT_TRUE(MayShareDialog(one, one));
  EXPECT_TRUE(MayShareDialog(one, {}));
}

}  // namespace
}  // namespace callbraid::collector
