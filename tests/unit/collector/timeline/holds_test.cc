#include "collector/timeline/holds.h"

#include "common/net/endpoint.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

class Dialog {
 public:
  Dialog() { dialog_.set_answer_time_ns(10); }

  Dialog& Says(int64_t time_ns, bool from_initiator,
               const std::string& direction,
               const std::string& address = "10.0.0.1") {
    store::v1::SdpMedia& media = *dialog_.add_media();
    media.set_time_ns(time_ns);
    media.set_from_initiator(from_initiator);
    media.set_kind("audio");
    media.set_direction(direction);
    *media.mutable_rtp() = ToProto(Endpoint{*IpAddress::Parse(address), 4000});
    return *this;
  }
  Dialog& Refused() {
    dialog_.mutable_media(dialog_.media_size() - 1)->mutable_rtp()->set_port(0);
    return *this;
  }
  Dialog& Ends(int64_t time_ns) {
    dialog_.set_end_time_ns(time_ns);
    return *this;
  }
  std::vector<Hold> holds() const { return HoldsIn(dialog_); }

 private:
  store::v1::DialogObservation dialog_;
};

TEST(Holds, FromTheOfferThatHoldsToTheOneThatDoesNot) {
  const auto holds = Dialog()
                         .Says(1, true, "sendrecv")
                         .Says(10, false, "sendrecv")
                         .Says(20, true, "sendonly")
                         .Says(21, false, "recvonly")
                         .Says(50, true, "sendrecv")
                         .Says(51, false, "sendrecv")
                         .holds();
  ASSERT_EQ(holds.size(), 1u);
  EXPECT_EQ(holds[0].begin_ns, 20);
  EXPECT_EQ(holds[0].end_ns, 50);
  EXPECT_TRUE(holds[0].by_initiator);
}

TEST(Holds, InactiveIsOneHoldOfWhoOfferedIt) {
  const auto holds = Dialog()
                         .Says(20, false, "inactive")
                         .Says(21, true, "inactive")
                         .Says(50, false, "sendrecv")
                         .Says(51, true, "sendrecv")
                         .holds();
  ASSERT_EQ(holds.size(), 1u);
  EXPECT_FALSE(holds[0].by_initiator);
  EXPECT_EQ(holds[0].end_ns, 50);
}

TEST(Holds, TheOldWayIsAnAddressOfZeros) {
  const auto holds = Dialog()
                         .Says(1, true, "sendrecv")
                         .Says(20, true, "sendrecv", "0.0.0.0")
                         .Says(50, true, "sendrecv")
                         .holds();
  ASSERT_EQ(holds.size(), 1u);
  EXPECT_EQ(holds[0].end_ns, 50);
}

// As of a side whose SDP has a name: the address is never known.
TEST(Holds, NoAddressIsNoHold) {
  EXPECT_TRUE(Dialog()
                  .Says(1, true, "sendrecv", "0.0.0.0")
                  .Says(20, true, "sendrecv", "0.0.0.0")
                  .Ends(70)
                  .holds()
                  .empty());
}

TEST(Holds, ARefusedLineIsNone) {
  EXPECT_TRUE(Dialog()
                  .Says(1, true, "sendrecv")
                  .Says(20, true, "inactive")
                  .Refused()
                  .Ends(70)
                  .holds()
                  .empty());
}

TEST(Holds, HaveNoEndThatIsNotKnown) {
  Dialog dialog;
  dialog.Says(1, true, "sendrecv");
  for (int i = 1; i < 64; ++i) {
    dialog.Says(20 + i, true, i % 2 == 1 ? "sendonly" : "sendrecv");
  }
  const auto holds = dialog.Ends(900).holds();
  ASSERT_EQ(holds.size(), 32u);
  EXPECT_FALSE(holds.back().end_ns);
}

TEST(Holds, MusicFromElsewhereIsAPartOfThem) {
  const auto holds = Dialog()
                         .Says(1, true, "sendrecv")
                         .Says(20, true, "inactive", "0.0.0.0")
                         .Says(21, true, "sendrecv", "10.0.0.99")
                         .Says(50, true, "inactive", "0.0.0.0")
                         .Says(51, true, "sendrecv")
                         .holds();
  ASSERT_EQ(holds.size(), 1u);
  EXPECT_EQ(holds[0].begin_ns, 20);
  EXPECT_EQ(holds[0].end_ns, 51);
}

TEST(Holds, WhoIsHandedOnIsOnHoldNoMore) {
  const auto holds = Dialog()
                         .Says(1, true, "sendrecv")
                         .Says(20, true, "inactive")
                         .Says(21, true, "sendrecv", "10.0.0.99")
                         .Says(50, true, "inactive", "10.0.0.99")
                         .Says(60, true, "sendrecv", "10.0.0.99")
                         .holds();
  ASSERT_EQ(holds.size(), 2u);
  EXPECT_EQ(holds[0].end_ns, 21);
}

TEST(Holds, LastUntilTheDialogEnds) {
  EXPECT_EQ(Dialog().Says(20, true, "sendonly").Ends(70).holds()[0].end_ns, 70);
  EXPECT_FALSE(Dialog().Says(20, true, "sendonly").holds()[0].end_ns);
}

TEST(Holds, WhatTheCallBeganWithIsNone) {
  EXPECT_TRUE(Dialog()
                  .Says(1, true, "sendonly")
                  .Says(10, false, "recvonly")
                  .holds()
                  .empty());
}

TEST(Holds, SeveralLinesOfOneSdpAreOne) {
  const auto holds = Dialog()
                         .Says(20, true, "sendonly")
                         .Says(20, true, "sendrecv")
                         .Says(50, true, "sendrecv")
                         .Says(60, true, "sendonly")
                         .holds();
  ASSERT_EQ(holds.size(), 2u);
  EXPECT_EQ(holds[0].end_ns, 50);
  EXPECT_EQ(holds[1].begin_ns, 60);
}

}  // namespace
}  // namespace callbraid::collector
