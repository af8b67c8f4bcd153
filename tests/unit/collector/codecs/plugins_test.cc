#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "collector/codecs/codec_plugins.h"
#include "collector/codecs/find_codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/collector/codecs/reference.h"
#ifdef CALLBRAID_HAS_BCG729
extern "C" {
#include <bcg729/encoder.h>
}
#endif

namespace callbraid::collector {
namespace {

using testing::HasSubstr;

// What was built along with this test.
bool Load() {
  const auto loaded = LoadCodecPlugins(CALLBRAID_CODEC_PLUGINS);
  return loaded.ok() && loaded->size() == 2;
}

Pcm DecodeAll(const Codec& codec, const std::vector<Bytes>& packets) {
  const auto decoder = codec.CreateDecoder();
  Pcm pcm;
  for (const Bytes& packet : packets) {
    const size_t before = pcm.size();
    EXPECT_TRUE(decoder->Decode(packet, pcm));
    EXPECT_EQ(pcm.size() - before, codec.Samples(packet));
  }
  return pcm;
}

TEST(CodecPlugins, AreMissedByNameWhereThereIsNone) {
  // Before any is loaded: this must be the first test.
  EXPECT_EQ(FindCodec({"G729", 8000}).codec, nullptr);
  EXPECT_EQ(FindCodec({"G729", 8000}).missing, "G729");
}

TEST(CodecPlugins, RefusesWhatIsNone) {
  const Scratch scratch;
  EXPECT_EQ(LoadCodecPlugins(scratch.Path("absent")).status().code(),
            absl::StatusCode::kNotFound);
  std::filesystem::create_directory(scratch.Path("dir"));
  EXPECT_TRUE(LoadCodecPlugins(scratch.Path("dir"))->empty());
  scratch.Write("dir/x.so", "no ELF", 6);
  EXPECT_THAT(
      std::string(LoadCodecPlugins(scratch.Path("dir")).status().message()),
      HasSubstr("x.so"));
}

TEST(CodecPlugins, AreFoundByNameClockAndMode) {
  if (!Load()) GTEST_SKIP() << "the plug-ins were not built";
  const Codec* g729 = FindCodec({"g729", 8000, 1, "annexb=no"}).codec;
  ASSERT_NE(g729, nullptr);
  EXPECT_EQ(g729, FindCodec({"G729"}).codec);
  EXPECT_EQ(FindCodec({"G729", 16000}).codec, nullptr);
  ASSERT_TRUE(Load());  // Twice is once.
  EXPECT_EQ(FindCodec({"G729"}).codec, g729);
  const Codec* ilbc20 = FindCodec({"iLBC", 8000, 1, "mode=20"}).codec;
  const Codec* ilbc30 = FindCodec({"ILBC", 8000}).codec;
  EXPECT_NE(ilbc20, ilbc30);
  EXPECT_EQ(ilbc20->Samples(Bytes(76)), 320u);
  EXPECT_EQ(ilbc30->Samples(Bytes(50)), 240u);
  EXPECT_EQ(ilbc30->Samples(Bytes(38)), 160u);
}

TEST(CodecPlugins, TakeAnyBytes) {
  if (!Load()) GTEST_SKIP() << "the plug-ins were not built";
  for (const char* name : {"G729", "G723", "iLBC"}) {
    SCOPED_TRACE(name);
    const Codec* codec = FindCodec({name}).codec;
    ASSERT_NE(codec, nullptr);
    const auto decoder = codec->CreateDecoder();
    uint32_t random = 1;
    for (const size_t size : {0u, 1u, 2u, 4u, 12u, 38u, 50u, 1500u, 65535u}) {
      Bytes payload(size);
      for (uint8_t& byte : payload) {
        random = random * 1664525 + 1013904223;
        byte = static_cast<uint8_t>(random >> 24);
      }
      EXPECT_LE(codec->Samples(payload), 8000u);
      codec->EndsInPause(payload);
      Pcm pcm;
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

TEST(G723, IsDecodedAsTheCommandDoes) {
  if (!Load() || !Scratch::Run("ffmpeg -version >/dev/null 2>&1")) {
    GTEST_SKIP() << "the plug-ins were not built, or there is no ffmpeg";
  }
  const Scratch scratch;
  const Pcm voice = Voice(8000, 4);
  ASSERT_TRUE(
      scratch.Encode(voice, 8000, "-c:a g723_1 -b:a 6300 -f g723_1", "x.g723"));
  const Pcm theirs = scratch.Decode("-f g723_1", "x.g723", 8000);
  const Pcm ours =
      DecodeAll(*FindCodec({"G723"}).codec, Pieces(scratch.Read("x.g723"), 24));
  EXPECT_EQ(ours.size(), theirs.size());
  const double snr = Snr(theirs, ours, 400);
  std::printf("G723: SNR %.1f dB against ffmpeg's; of the voice: %.1f dB\n",
              snr, Snr(voice, ours, 800));
  EXPECT_GE(snr, 100);
}

#ifdef CALLBRAID_HAS_BCG729
// Frames of 10 bytes, SID of 2, and nothing where the encoder pauses.
std::vector<Bytes> EncodeG729(const Pcm& pcm, bool annex_b) {
  std::vector<Bytes> frames;
  auto* state = initBcg729EncoderChannel(annex_b);
  for (size_t at = 0; at + 80 <= pcm.size(); at += 80) {
    Bytes frame(10);
    uint8_t size = 0;
    bcg729Encoder(state, pcm.data() + at, frame.data(), &size);
    frame.resize(size);
    frames.push_back(std::move(frame));
  }
  closeBcg729EncoderChannel(state);
  return frames;
}

TEST(G729, IsDecodedAsFfmpegDoes) {
  if (!Load() || !Scratch::Run("ffmpeg -version >/dev/null 2>&1")) {
    GTEST_SKIP() << "the plug-ins were not built, or there is no ffmpeg";
  }
  const Scratch scratch;
  const Pcm voice = Voice(8000, 4);
  Bytes file;
  std::vector<Bytes> packets;
  for (const Bytes& frame : EncodeG729(voice, false)) {
    file.insert(file.end(), frame.begin(), frame.end());
    if (packets.empty() || packets.back().size() == 20) packets.emplace_back();
    packets.back().insert(packets.back().end(), frame.begin(), frame.end());
  }
  scratch.Write("x.g729", file.data(), file.size());
  const Pcm theirs = scratch.Decode("-f g729", "x.g729", 8000);
  const Pcm ours = DecodeAll(*FindCodec({"G729"}).codec, packets);
  EXPECT_EQ(ours.size(), theirs.size());
  const double snr = Snr(theirs, ours, 400);
  std::printf(
      "G729: SNR %.1f dB against ffmpeg's; of the voice: ours %.1f dB, "
      "ffmpeg's %.1f dB\n",
      snr, Snr(voice, ours, 800), Snr(voice, theirs, 800));
  EXPECT_GE(snr, 10);
}

TEST(G729, PausesWithTheNoiseThatWasDescribed) {
  if (!Load()) GTEST_SKIP() << "the plug-ins were not built";
  const Codec& codec = *FindCodec({"G729"}).codec;
  const auto decoder = codec.CreateDecoder();
  Pcm noise(8000 * 2);
  uint32_t random = 1;
  for (int16_t& sample : noise) {
    random = random * 1664525 + 1013904223;
    sample = static_cast<int16_t>(static_cast<int32_t>(random) >> 24);
  }
  bool paused = false;
  for (const Bytes& frame : EncodeG729(noise, true)) {
    Pcm pcm;
    if (frame.empty()) {
      EXPECT_TRUE(decoder->Pause(80, pcm));
    } else {
      EXPECT_TRUE(decoder->Decode(frame, pcm));
      paused = paused || codec.EndsInPause(frame);
    }
    EXPECT_EQ(pcm.size(), 80u);
  }
  EXPECT_TRUE(paused);
}
#endif

}  // namespace
}  // namespace callbraid::collector
