#include "collector/playout/payload_map.h"

#include "collector/codecs/find_codec.h"
#include "common/net/endpoint.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

store::v1::DialogObservation Sdp(int64_t time_ns, const char* address,
                                 uint32_t type, const std::string& name) {
  store::v1::DialogObservation dialog;
  store::v1::SdpMedia& media = *dialog.add_media();
  media.set_time_ns(time_ns);
  *media.mutable_rtp() = ToProto(Endpoint{*IpAddress::Parse(address), 4000});
  store::v1::SdpCodec& codec = *media.add_codecs();
  codec.set_payload_type(type);
  codec.set_name(name);
  return dialog;
}

v1::Stream StreamTo(const std::string& destination) {
  v1::Stream stream;
  stream.set_destination(destination);
  stream.set_leg_id("leg");
  return stream;
}

TEST(PayloadMap, FollowsTheSdpThatIsValidAtTheTime) {
  PayloadMap map;
  map.Add("leg", Sdp(2000, "10.0.0.1", 98, "PCMA"), 0);
  map.Add("leg", Sdp(1000, "10.0.0.1", 98, "PCMU"), 0);
  const StreamPayloads payloads = map.For(StreamTo("10.0.0.1:4000"));
  EXPECT_EQ(payloads.At(98, 500).name, "PCMU");
  EXPECT_EQ(payloads.At(98, 1999).name, "PCMU");
  EXPECT_EQ(payloads.At(98, 2000).name, "PCMA");
}

TEST(PayloadMap, BelievesTheReceiverFirst) {
  PayloadMap map;
  map.Add("leg", Sdp(0, "10.0.0.2", 98, "G722"), 0);
  map.Add("leg", Sdp(0, "10.0.0.1", 98, "PCMA"), 0);
  map.Add("other", Sdp(0, "10.0.0.3", 98, "PCMU"), 0);
  EXPECT_EQ(map.For(StreamTo("10.0.0.1:4000")).At(98, 1).name, "PCMA");
  EXPECT_EQ(map.For(StreamTo("10.0.0.9:4000")).At(98, 1).name, "PCMA");
}

TEST(PayloadMap, FindsTheReceiverBehindNat) {
  PayloadMap map;
  map.Add("leg", Sdp(0, "10.0.0.2", 98, "G722"), 0);
  map.Add("leg", Sdp(0, "10.0.0.1", 98, "PCMA"), 0);
  v1::Stream stream = StreamTo("203.0.113.1:9999");
  stream.add_observations()->set_destination("10.0.0.2:4000");
  EXPECT_EQ(map.For(stream).At(98, 1).name, "G722");
}

TEST(PayloadMap, MovesSdpToTheClockOfTheCall) {
  PayloadMap map;
  map.Add("leg", Sdp(1000, "10.0.0.1", 98, "PCMU"), 0);
  map.Add("leg", Sdp(1000, "10.0.0.1", 98, "PCMA"), 500);
  EXPECT_EQ(map.For(StreamTo("10.0.0.1:4000")).At(98, 1499).name, "PCMU");
  EXPECT_EQ(map.For(StreamTo("10.0.0.1:4000")).At(98, 1500).name, "PCMA");
}

TEST(PayloadMap, KnowsStaticTypesWithoutSdp) {
  const StreamPayloads payloads = PayloadMap().For(StreamTo("10.0.0.1:4000"));
  EXPECT_EQ(payloads.At(0, 0).codec, FindCodec({"PCMU"}).codec);
  EXPECT_EQ(payloads.At(8, 0).codec, FindCodec({"PCMA"}).codec);
  EXPECT_EQ(payloads.At(9, 0).codec, FindCodec({"G722"}).codec);
  EXPECT_TRUE(payloads.At(13, 0).silent);
  EXPECT_EQ(payloads.At(18, 0).codec, nullptr);
  EXPECT_EQ(payloads.At(18, 0).name, "G729");
  EXPECT_EQ(payloads.At(96, 0).name, "");
}

TEST(PayloadMap, KnowsWhatRedundantAudioIsOf) {
  store::v1::DialogObservation dialog = Sdp(0, "10.0.0.1", 63, "RED");
  store::v1::SdpMedia& media = *dialog.mutable_media(0);
  media.mutable_codecs(0)->set_fmtp("9/8");
  PayloadMap map;
  map.Add("leg", dialog, 0);
  const StreamPayloads payloads = map.For(StreamTo("10.0.0.1:4000"));
  EXPECT_TRUE(payloads.At(63, 1).redundant);
  EXPECT_EQ(payloads.At(63, 1).codec, FindCodec({"G722"}).codec);
  // One that is of itself says nothing.
  media.mutable_codecs(0)->set_fmtp("63/63");
  PayloadMap circular;
  circular.Add("leg", dialog, 0);
  EXPECT_EQ(circular.For(StreamTo("10.0.0.1:4000")).At(63, 1).codec, nullptr);
}

TEST(PayloadMap, HeedsParametersOfTheFormat) {
  store::v1::DialogObservation dialog = Sdp(0, "10.0.0.1", 98, "amr-wb");
  store::v1::SdpCodec& codec = *dialog.mutable_media(0)->mutable_codecs(0);
  codec.set_clock_rate(16000);
  codec.set_fmtp("mode-change-capability=2; octet-align=1");
  PayloadMap map;
  map.Add("leg", dialog, 0);
  codec.set_fmtp("interleaving=2");
  dialog.mutable_media(0)->set_time_ns(1000);
  map.Add("leg", dialog, 0);
  const StreamPayloads payloads = map.For(StreamTo("10.0.0.1:4000"));
  EXPECT_EQ(payloads.At(98, 0).codec,
            FindCodec({"AMR-WB", 16000, 1, "octet-align=1"}).codec);
  EXPECT_EQ(payloads.At(98, 1000).codec, nullptr);
  EXPECT_EQ(payloads.At(98, 1000).missing, "amr-wb with interleaving");
}

// Audio and video, each with payload type 96 of its own.
store::v1::DialogObservation AudioAndVideo(const char* address) {
  store::v1::DialogObservation dialog = Sdp(0, address, 96, "PCMA");
  dialog.mutable_media(0)->set_kind("audio");
  store::v1::SdpMedia& video = *dialog.add_media();
  video = Sdp(0, address, 96, "VP8").media(0);
  video.set_kind("video");
  video.mutable_rtp()->set_port(4002);
  return dialog;
}

TEST(PayloadMap, KeepsLinesOfDifferentKindsApart) {
  PayloadMap map;
  map.Add("leg", AudioAndVideo("10.0.0.1"), 0);
  const PayloadMeaning voice = map.For(StreamTo("10.0.0.1:4000")).At(96, 1);
  EXPECT_EQ(voice.name, "PCMA");
  EXPECT_NE(voice.codec, nullptr);
  EXPECT_FALSE(voice.inaudible);
  const PayloadMeaning picture = map.For(StreamTo("10.0.0.1:4002")).At(96, 1);
  EXPECT_EQ(picture.name, "VP8");
  EXPECT_EQ(picture.codec, nullptr);
  EXPECT_TRUE(picture.inaudible);
}

TEST(PayloadMap, KnowsTheKindBehindNat) {
  PayloadMap map;
  map.Add("leg", AudioAndVideo("10.0.0.1"), 0);
  v1::Stream stream = StreamTo("203.0.113.1:9999");
  EXPECT_EQ(map.For(stream).At(96, 1).name, "PCMA");
  stream.set_payload_type(96);
  stream.set_codec("VP8");
  EXPECT_EQ(map.For(stream).At(96, 1).name, "VP8");
  stream.set_source("10.0.0.1:4000");
  EXPECT_EQ(map.For(stream).At(96, 1).name, "PCMA");
}

TEST(PayloadMap, OfOtherMediaNothingIsHeard) {
  store::v1::DialogObservation dialog = Sdp(0, "10.0.0.1", 98, "red");
  dialog.mutable_media(0)->set_kind("text");
  dialog.mutable_media(0)->mutable_codecs(0)->set_fmtp("0/0");
  PayloadMap map;
  map.Add("leg", dialog, 0);
  const PayloadMeaning meaning = map.For(StreamTo("10.0.0.1:4000")).At(98, 1);
  EXPECT_TRUE(meaning.inaudible);
  EXPECT_FALSE(meaning.redundant);
  EXPECT_EQ(meaning.codec, nullptr);
}

TEST(PayloadMap, NothingIsMissingOfRepairsAndSignals) {
  for (const char* name :
       {"ulpfec", "parityfec", "flexfec", "rtx", "X-NSE", "NSE", "H264"}) {
    PayloadMap map;
    map.Add("leg", Sdp(0, "10.0.0.1", 98, name), 0);
    const PayloadMeaning meaning = map.For(StreamTo("10.0.0.1:4000")).At(98, 1);
    EXPECT_TRUE(meaning.inaudible) << name;
    // These are no keys that somebody presses.
    EXPECT_FALSE(meaning.silent) << name;
  }
  PayloadMap map;
  map.Add("leg", Sdp(0, "10.0.0.1", 98, "EVS"), 0);
  EXPECT_FALSE(map.For(StreamTo("10.0.0.1:4000")).At(98, 1).inaudible);
}

// RTP/AVP that turns to RTP/SAVP, and back.
class TurnedPayloads : public testing::Test {
 protected:
  void Say(int64_t time_ns, bool from_initiator, bool encrypted) {
    store::v1::DialogObservation dialog =
        Sdp(time_ns, from_initiator ? "10.0.0.1" : "10.0.0.2", 98, "PCMA");
    store::v1::SdpMedia& media = *dialog.mutable_media(0);
    media.set_kind("audio");
    media.set_from_initiator(from_initiator);
    media.set_encrypted(encrypted);
    map_.Add("leg", dialog, 0);
  }

  PayloadMap map_;
};

TEST_F(TurnedPayloads, AreNotPlayedWhereTheyAreEncrypted) {
  Say(0, true, false);
  Say(10, false, false);
  Say(1000, true, true);
  Say(1010, false, true);
  Say(2000, true, false);
  Say(2010, false, false);
  v1::Stream stream = StreamTo("10.0.0.1:4000");
  const StreamPayloads payloads = map_.For(stream);
  for (const int64_t time_ns : {5, 500, 1009, 2000, 9000}) {
    EXPECT_NE(payloads.At(98, time_ns).codec, nullptr) << time_ns;
  }
  for (const int64_t time_ns : {1010, 1500, 1999}) {
    EXPECT_EQ(payloads.At(98, time_ns).codec, nullptr) << time_ns;
    EXPECT_EQ(payloads.At(98, time_ns).missing, "PCMA in SRTP");
  }
  // Static types, too, and none of what is decrypted.
  EXPECT_EQ(payloads.At(0, 1500).codec, nullptr);
  EXPECT_NE(payloads.At(0, 500).codec, nullptr);
  stream.set_encrypted(true);
  EXPECT_NE(map_.For(stream).At(98, 1500).codec, nullptr);
  // Of another stream it says nothing.
  EXPECT_NE(map_.For(StreamTo("10.0.0.7:4000")).At(98, 1500).codec, nullptr);
}

TEST_F(TurnedPayloads, ArePlayedWhereTheOtherSideRefuses) {
  Say(0, true, false);
  Say(10, false, false);
  Say(1000, true, true);
  Say(2000, true, false);
  EXPECT_NE(map_.For(StreamTo("10.0.0.1:4000")).At(98, 1500).codec, nullptr);
}

TEST(PayloadMap, TakesEventsAndComfortNoiseForSilence) {
  PayloadMap map;
  map.Add("leg", Sdp(0, "10.0.0.1", 101, "telephone-event"), 0);
  map.Add("leg", Sdp(0, "10.0.0.1", 97, "cn"), 0);
  const StreamPayloads payloads = map.For(StreamTo("10.0.0.1:4000"));
  EXPECT_TRUE(payloads.At(101, 0).silent);
  EXPECT_TRUE(payloads.At(97, 0).silent);
  EXPECT_EQ(payloads.At(101, 0).codec, nullptr);
}

}  // namespace
}  // namespace callbraid::collector
