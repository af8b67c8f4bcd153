#include "collector/codecs/find_codec.h"

#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

const Codec* Find(const CodecFormat& format) { return FindCodec(format).codec; }

std::vector<int16_t> Decode(const CodecFormat& format,
                            std::vector<uint8_t> payload) {
  std::vector<int16_t> pcm;
  const Codec* codec = Find(format);
  EXPECT_TRUE(codec->CreateDecoder()->Decode(payload, pcm));
  EXPECT_EQ(pcm.size(), codec->Samples(payload));
  return pcm;
}

TEST(FindCodec, DoesNotHeedCase) {
  ASSERT_NE(Find({"pcmu"}), nullptr);
  EXPECT_EQ(Find({"pcmu"}), Find({"PCMU"}));
  EXPECT_NE(Find({"PCMU"}), Find({"PCMA"}));
  EXPECT_EQ(Find({"aal2-g726-32"}), Find({"AAL2-G726-32", 8000}));
  EXPECT_EQ(Find({"Opus", 48000, 2}), Find({"opus"}));
}

TEST(FindCodec, SaysWhatItLacks) {
  EXPECT_EQ(FindCodec({"Lyra", 16000}).missing, "Lyra");
  EXPECT_EQ(FindCodec({""}).codec, nullptr);
  EXPECT_EQ(FindCodec({"L16", 7000, 1}).missing, "L16/7000/1");
  EXPECT_EQ(FindCodec({"amr", 8000, 1, "interleaving=4"}).missing,
            "amr with interleaving");
  EXPECT_EQ(FindCodec({"AMR-WB", 16000, 1, "ROBUST-SORTING = 1"}).missing,
            "AMR-WB with robust sorting");
  EXPECT_EQ(FindCodec({"AMR", 8000, 2}).missing, "AMR of several channels");
}

TEST(FindCodec, HasOneObjectForEqualParameters) {
  const Codec* aligned = Find({"AMR", 8000, 1, "octet-align=1"});
  EXPECT_NE(aligned, Find({"AMR", 8000, 1, ""}));
  EXPECT_EQ(aligned, Find({"AMR", 8000, 1, "mode-set=7; octet-align=1"}));
  EXPECT_EQ(Find({"AMR", 8000, 1, "octet-align=0"}), Find({"AMR", 8000}));
  EXPECT_EQ(Find({"opus", 48000, 2, "useinbandfec=1"}), Find({"opus"}));
}

TEST(StaticFormat, IsThatOfRfc3551) {
  EXPECT_EQ(StaticFormatOf(3).name, "GSM");
  EXPECT_EQ(StaticFormatOf(10).channels, 2u);
  EXPECT_EQ(StaticFormatOf(11).channels, 1u);
  EXPECT_EQ(StaticFormatOf(2).name, "G726-32");
  EXPECT_EQ(StaticFormatOf(96).name, "");
}

// Values of ITU-T G.711, tables 2a and 1a, scaled to 16 bits.
TEST(Pcmu, DecodesTheSegmentEnds) {
  EXPECT_EQ(Decode({"PCMU"}, {0x00, 0x80, 0x0f, 0x8f, 0x7e, 0xfe, 0x7f, 0xff}),
            (std::vector<int16_t>{-32124, 32124, -16764, 16764, -8, 8, 0, 0}));
}

TEST(Pcma, DecodesTheSegmentEnds) {
  EXPECT_EQ(
      Decode({"PCMA"}, {0x2a, 0xaa, 0x25, 0xa5, 0x55, 0xd5, 0x54, 0xd4}),
      (std::vector<int16_t>{-32256, 32256, -16896, 16896, -8, 8, -24, 24}));
}

TEST(G722, GivesTwoSamplesFromEachByteAtAnRtpClockOf8000) {
  const Codec* codec = Find({"G722", 8000});
  ASSERT_NE(codec, nullptr);
  EXPECT_EQ(codec->clock_rate(), 8000u);
  EXPECT_EQ(codec->sample_rate(), 16000u);
  EXPECT_EQ(Decode({"G722"}, std::vector<uint8_t>(160, 0xfa)).size(), 320u);
}

TEST(G722, KeepsItsStateFromPacketToPacket) {
  std::vector<uint8_t> payload(320);
  for (size_t i = 0; i < payload.size(); ++i) {
    payload[i] = static_cast<uint8_t>(i * 37);
  }
  const auto decoder = Find({"G722"})->CreateDecoder();
  std::vector<int16_t> parts;
  decoder->Decode(std::span(payload).first(160), parts);
  decoder->Decode(std::span(payload).subspan(160), parts);
  EXPECT_EQ(parts, Decode({"G722"}, payload));
}

TEST(L16, IsBigEndianAndMixesTwoChannels) {
  EXPECT_EQ(Decode({"L16", 8000, 1}, {0x01, 0x02, 0xff, 0xfe, 0x7f}),
            (std::vector<int16_t>{0x0102, -2}));
  EXPECT_EQ(Decode({"L16", 44100, 2},
                   {0x7f, 0xff, 0x7f, 0xff, 0x00, 0x64, 0, 0x32, 1}),
            (std::vector<int16_t>{0x7fff, 75}));
}

// What some bytes claim to be may be minutes.
TEST(Codec, BoundsWhatOnePacketCanBe) {
  const std::vector<uint8_t> amr(1500, 0xfc);  // More to come; no data.
  const std::vector<uint8_t> aligned = [] {
    std::vector<uint8_t> bytes(1500, 0xfc);
    bytes.back() = 0x7c;
    return bytes;
  }();
  EXPECT_EQ(Find({"AMR"})->Samples(amr), 0u);
  EXPECT_EQ(Find({"AMR", 8000, 1, "octet-align=1"})->Samples(aligned), 8000u);
  EXPECT_EQ(Find({"SPEEX", 32000})->Samples(std::vector<uint8_t>(1500, 0)),
            32000u);
  EXPECT_EQ(Find({"GSM"})->Samples(std::vector<uint8_t>(65535, 0xd0)), 8000u);
  EXPECT_LE(Find({"opus"})->Samples(std::vector<uint8_t>(1500, 0xff)), 5760u);
}

TEST(Codec, TakesAnyBytes) {
  const CodecFormat formats[] = {
      {"PCMU"},         {"PCMA"},
      {"G722"},         {"GSM"},
      {"G726-16"},      {"G726-24"},
      {"G726-40"},      {"AAL2-G726-24"},
      {"opus"},         {"SPEEX"},
      {"SPEEX", 16000}, {"SPEEX", 32000},
      {"L16", 8000},    {"AMR"},
      {"AMR-WB"},       {"AMR-WB", 16000, 1, "crc=1"}};
  for (const CodecFormat& format : formats) {
    SCOPED_TRACE(format.name);
    const Codec* codec = Find(format);
    ASSERT_NE(codec, nullptr);
    const auto decoder = codec->CreateDecoder();
    uint32_t random = 1;
    for (const size_t size : {0u, 1u, 2u, 3u, 33u, 34u, 160u, 1500u, 65535u}) {
      std::vector<uint8_t> payload(size);
      for (uint8_t& byte : payload) {
        random = random * 1664525 + 1013904223;
        byte = static_cast<uint8_t>(random >> 24);
      }
      std::vector<int16_t> pcm;
      if (decoder->Decode(payload, pcm)) {
        EXPECT_EQ(pcm.size(), codec->Samples(payload)) << size;
      }
      pcm.clear();
      if (decoder->Conceal(333, payload, pcm)) {
        EXPECT_EQ(pcm.size(), 333u);
      }
      pcm.clear();
      if (decoder->Pause(777, pcm)) {
        EXPECT_EQ(pcm.size(), 777u);
      }
    }
  }
}

}  // namespace
}  // namespace callbraid::collector
