#include "collector/timeline/faxes.h"

#include "common/net/endpoint.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

class Dialog {
 public:
  Dialog& Says(int64_t time_ns, bool from_initiator, const char* kind,
               uint16_t port = 4000) {
    store::v1::SdpMedia& media = *dialog_.add_media();
    media.set_time_ns(time_ns);
    media.set_from_initiator(from_initiator);
    media.set_kind(kind);
    *media.mutable_rtp() =
        ToProto(Endpoint{*IpAddress::Parse("10.0.0.1"), port});
    return *this;
  }
  Dialog& Ends(int64_t time_ns) {
    dialog_.set_end_time_ns(time_ns);
    return *this;
  }
  std::vector<Fax> faxes() const { return FaxesIn(dialog_); }

 private:
  store::v1::DialogObservation dialog_;
};

Dialog Call() {
  return Dialog().Says(1, true, "audio").Says(10, false, "audio");
}

TEST(Faxes, AreNoneInACall) { EXPECT_TRUE(Call().Ends(99).faxes().empty()); }

TEST(Faxes, LastFromTheOfferToTheEnd) {
  const auto faxes =
      Call().Says(20, false, "image").Says(21, true, "image").Ends(99).faxes();
  ASSERT_EQ(faxes.size(), 1u);
  EXPECT_EQ(faxes[0].begin_ns, 20);
  EXPECT_EQ(faxes[0].end_ns, 99);
  EXPECT_FALSE(faxes[0].by_initiator);
  EXPECT_TRUE(faxes[0].accepted);
}

TEST(Faxes, EndWithAReturnToSpeech) {
  const auto faxes = Call()
                         .Says(20, true, "image")
                         .Says(21, false, "image")
                         .Says(60, true, "audio")
                         .Says(60, true, "image", 0)
                         .Says(61, false, "audio")
                         .Says(70, true, "image")
                         .Says(71, false, "image")
                         .faxes();
  ASSERT_EQ(faxes.size(), 2u);
  EXPECT_EQ(faxes[0].end_ns, 60);
  EXPECT_EQ(faxes[1].begin_ns, 70);
  // The dialog was not seen to its end.
  EXPECT_FALSE(faxes[1].end_ns);
}

TEST(Faxes, MayBeRefused) {
  const auto refused = Call()
                           .Says(20, true, "image")
                           .Says(21, false, "audio")
                           .Says(21, false, "image", 0)
                           .Ends(99)
                           .faxes();
  ASSERT_EQ(refused.size(), 1u);
  EXPECT_FALSE(refused[0].accepted);
  EXPECT_FALSE(refused[0].end_ns);
  // With an error, which has no SDP.
  const auto error = Call().Says(20, true, "image").Ends(99).faxes();
  ASSERT_EQ(error.size(), 1u);
  EXPECT_FALSE(error[0].accepted);
}

TEST(Faxes, MayBeOfferedBesideSpeech) {
  const auto faxes = Dialog()
                         .Says(1, true, "audio")
                         .Says(1, true, "image")
                         .Says(10, false, "audio")
                         .Says(10, false, "image", 0)
                         .Ends(99)
                         .faxes();
  ASSERT_EQ(faxes.size(), 1u);
  EXPECT_FALSE(faxes[0].accepted);
}

}  // namespace
}  // namespace callbraid::collector
