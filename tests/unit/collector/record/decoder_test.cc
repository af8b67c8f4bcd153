#include "collector/record/decoder.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

std::vector<int16_t> Decode(const char* name, std::vector<uint8_t> payload) {
  std::vector<int16_t> pcm;
  FindCodec(name)->create()->Decode(payload, pcm);
  return pcm;
}

TEST(FindCodec, DoesNotHeedCase) {
  ASSERT_NE(FindCodec("pcmu"), nullptr);
  EXPECT_EQ(FindCodec("pcmu"), FindCodec("PCMU"));
  EXPECT_NE(FindCodec("PCMU"), FindCodec("PCMA"));
  EXPECT_EQ(FindCodec("G729"), nullptr);
  EXPECT_EQ(FindCodec(""), nullptr);
}

// Values of ITU-T G.711, tables 2a and 1a, scaled to 16 bits.
TEST(Pcmu, DecodesTheSegmentEnds) {
  EXPECT_EQ(Decode("PCMU", {0x00, 0x80, 0x0f, 0x8f, 0x7e, 0xfe, 0x7f, 0xff}),
            (std::vector<int16_t>{-32124, 32124, -16764, 16764, -8, 8, 0, 0}));
}

TEST(Pcma, DecodesTheSegmentEnds) {
  EXPECT_EQ(
      Decode("PCMA", {0x2a, 0xaa, 0x25, 0xa5, 0x55, 0xd5, 0x54, 0xd4}),
      (std::vector<int16_t>{-32256, 32256, -16896, 16896, -8, 8, -24, 24}));
}

TEST(G722, GivesTwoSamplesFromEachByteAtAnRtpClockOf8000) {
  const Codec* codec = FindCodec("G722");
  ASSERT_NE(codec, nullptr);
  EXPECT_EQ(codec->clock_rate, 8000u);
  EXPECT_EQ(codec->sample_rate, 16000u);
  EXPECT_EQ(codec->samples(160), 320u);
  EXPECT_EQ(Decode("G722", std::vector<uint8_t>(160, 0xfa)).size(), 320u);
}

TEST(G722, KeepsItsStateFromPacketToPacket) {
  std::vector<uint8_t> payload(320);
  for (size_t i = 0; i < payload.size(); ++i) {
    payload[i] = static_cast<uint8_t>(i * 37);
  }
  const auto decoder = FindCodec("G722")->create();
  std::vector<int16_t> parts;
  decoder->Decode(std::span(payload).first(160), parts);
  decoder->Decode(std::span(payload).subspan(160), parts);
  EXPECT_EQ(parts, Decode("G722", payload));
}

}  // namespace
}  // namespace callbraid::collector
