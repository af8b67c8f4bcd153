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
