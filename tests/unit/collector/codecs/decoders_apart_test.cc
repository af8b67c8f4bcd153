#include "collector/codecs/decoders_apart.h"

#include <signal.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/config.h"
#include "collector/codecs/builtin_codecs.h"
#include "collector/codecs/codec_plugins.h"
#include "collector/codecs/find_codec.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::SizeIs;

// As rogue_codec.cc has them.
using Payload = std::vector<uint8_t>;
const Payload kSamples = {0, 5, 6};
const Payload kCrash = {1, 0, 0};
const Payload kHang = {2, 0, 0};
const Payload kReadAFile = {3, 0, 0};
const Payload kEatMemory = {4, 0, 0};
const Payload kTellAProcess = {5, 0, 0};

class DecodersApartTest : public testing::Test {
 protected:
  // Once for all tests, before any thread.
  static void SetUpTestSuite() {
    ASSERT_TRUE(LoadCodecPlugins(CALLBRAID_ROGUE_CODECS).ok());
    ASSERT_TRUE(DecodeApart().ok());
  }

  bool Decode(const Payload& payload) {
    pcm_.clear();
    return decoder_->Decode(payload, pcm_);
  }

  const Codec* const codec_ = FindCodec({"ROGUE"}).codec;
  const std::unique_ptr<Decoder> decoder_ = codec_->CreateDecoder();
  std::vector<int16_t> pcm_;
  const uint64_t lost_before_ = DecodersLost();
};

TEST_F(DecodersApartTest, DecodeAsTheyWouldHere) {
  EXPECT_TRUE(Decode(kSamples));
  EXPECT_THAT(pcm_, ElementsAre(0, 5, 6));
  EXPECT_TRUE(decoder_->Conceal(2, {}, pcm_));
  EXPECT_THAT(pcm_, ElementsAre(0, 5, 6, 7, 7));
  EXPECT_EQ(codec_->Samples(kSamples), 3u);
  pcm_.clear();
  // More than crosses at once.
  EXPECT_TRUE(decoder_->Pause(100'000, pcm_));
  EXPECT_THAT(pcm_, SizeIs(100'000));
  EXPECT_THAT(pcm_, Each(7));
  EXPECT_EQ(DecodersLost(), lost_before_);
}

TEST_F(DecodersApartTest, RunInAProcessOfTheirOwn) {
  const auto process_of = [](Decoder& decoder) {
    std::vector<int16_t> pcm;
    EXPECT_TRUE(decoder.Decode(kTellAProcess, pcm));
    pid_t process = 0;
    std::memcpy(&process, pcm.data(), sizeof(process));
    return process;
  };
  const auto other = codec_->CreateDecoder();
  const pid_t first = process_of(*decoder_);
  EXPECT_NE(first, getpid());
  EXPECT_NE(process_of(*other), first);
  EXPECT_EQ(process_of(*decoder_), first);
}

TEST_F(DecodersApartTest, EndWithWhoAskedForThem) {
  const auto process_of = [](Decoder& decoder) {
    std::vector<int16_t> pcm;
    EXPECT_TRUE(decoder.Decode(kTellAProcess, pcm));
    pid_t process = 0;
    std::memcpy(&process, pcm.data(), sizeof(process));
    return process;
  };
  auto decoder = codec_->CreateDecoder();
  const pid_t done = process_of(*decoder);
  EXPECT_EQ(kill(done, 0), 0);
  decoder.reset();
  const pid_t hung = process_of(*decoder_);
  EXPECT_FALSE(Decode(kHang));
  for (const pid_t process : {done, hung}) {
    for (int i = 0; i < 500 && kill(process, 0) == 0; ++i) usleep(10'000);
    EXPECT_NE(kill(process, 0), 0) << "it is gone";
  }
}

TEST_F(DecodersApartTest, CostAStretchWhereTheyCrash) {
  std::vector<Payload> deeds = {kCrash, kReadAFile};
  // Nothing limits the memory of a sanitizer.
#if !defined(ABSL_HAVE_ADDRESS_SANITIZER) && \
    !defined(ABSL_HAVE_THREAD_SANITIZER)
  deeds.push_back(kEatMemory);
#endif
  for (const Payload& deed : deeds) {
    const auto decoder = codec_->CreateDecoder();
    std::vector<int16_t> pcm = {1};
    const uint64_t before = DecodersLost();
    EXPECT_FALSE(decoder->Decode(deed, pcm)) << int{deed[0]};
    EXPECT_THAT(pcm, ElementsAre(1)) << "what was there stays";
    EXPECT_EQ(DecodersLost(), before + 1);
    EXPECT_TRUE(decoder->Decode(kSamples, pcm)) << "begun anew";
    EXPECT_THAT(pcm, ElementsAre(1, 0, 5, 6));
  }
}

TEST_F(DecodersApartTest, CostAStretchWhereTheyHang) {
  EXPECT_FALSE(Decode(kHang));
  EXPECT_TRUE(Decode(kSamples));
}

TEST_F(DecodersApartTest, AreGivenUpWhenTheyCrashAgainAndAgain) {
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(Decode(kCrash));
  EXPECT_FALSE(Decode(kSamples));
  EXPECT_EQ(DecodersLost(), lost_before_ + 3);
  const auto other = codec_->CreateDecoder();
  EXPECT_TRUE(other->Decode(kSamples, pcm_)) << "others are not";
}

TEST_F(DecodersApartTest, AreHadByManyThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([this] {
      for (int i = 0; i < 20; ++i) {
        const auto decoder = codec_->CreateDecoder();
        std::vector<int16_t> pcm;
        EXPECT_TRUE(decoder->Decode(kSamples, pcm));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(DecodersApartTest, AreThoseOfLibrariesAlone) {
  EXPECT_EQ(FindCodec({"PCMU"}).codec, MakePcmu({"PCMU"}));
  EXPECT_EQ(FindCodec({"L16", 8000}).codec, MakeL16({"L16", 8000}));
  const Codec* opus = FindCodec({"opus", 48'000, 2}).codec;
  EXPECT_NE(opus, MakeOpus({"OPUS", 48'000, 2}));
  EXPECT_EQ(FindCodec({"opus", 48'000, 2}).codec, opus)
      << "the address tells codecs apart";
}

// What it says of a real codec is what that says here.
TEST_F(DecodersApartTest, GiveTheSamplesOfTheirLibrary) {
  const Codec& here = *MakeGsm({"GSM", 8000});
  const Codec& apart = *FindCodec({"GSM", 8000}).codec;
  ASSERT_NE(&here, &apart);
  const auto decoder = here.CreateDecoder();
  const auto other = apart.CreateDecoder();
  std::vector<int16_t> expected;
  std::vector<int16_t> actual;
  for (uint8_t i = 0; i < 50; ++i) {
    Payload frame(33, static_cast<uint8_t>(i * 7));
    frame[0] = static_cast<uint8_t>(0xd0 | (i & 15));
    EXPECT_EQ(decoder->Decode(frame, expected), other->Decode(frame, actual));
  }
  EXPECT_FALSE(expected.empty());
  EXPECT_EQ(actual, expected);
}

}  // namespace
}  // namespace callbraid::collector
