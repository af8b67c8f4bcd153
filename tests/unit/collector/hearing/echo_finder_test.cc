#include "collector/hearing/echo_finder.h"

#include <optional>

#include "gtest/gtest.h"
#include "tests/unit/collector/hearing/sounds.h"

namespace callbraid::collector {
namespace {

std::optional<EchoFinder::Found> Find(const Pcm& voice, const Pcm& other) {
  EchoFinder finder;
  Thinner thinners[2];
  // Some odd piece at a time.
  constexpr size_t kPiece = 1237;
  for (size_t i = 0; i < voice.size(); i += kPiece) {
    std::vector<float> thin[2];
    for (int side = 0; side < 2; ++side) {
      const std::span<const int16_t> pcm(side == 0 ? voice : other);
      thinners[side].Process(pcm.subspan(i, std::min(kPiece, voice.size() - i)),
                             thin[side]);
    }
    finder.Listen(thin[0], thin[1]);
  }
  return finder.Result();
}

// `pcm` so much later and weaker, in noise.
Pcm EchoOf(const Pcm& pcm, double delay_ms, double loss_db,
           double noise_dbov = -65) {
  return Mixed(Noise(static_cast<double>(pcm.size()) / kHz, noise_dbov, 9),
               Louder(pcm, -loss_db), static_cast<size_t>(8 * delay_ms));
}

TEST(EchoFinder, TellsDelayAndReturnLoss) {
  const Pcm voice = Talker(20, -22, 1);
  for (const double delay_ms : {25.0, 80.0, 150.5, 333.0, 490.0}) {
    for (const double loss_db : {6.0, 15.0, 25.0}) {
      const auto found = Find(voice, EchoOf(voice, delay_ms, loss_db));
      ASSERT_TRUE(found) << delay_ms << " ms, " << loss_db << " dB";
      EXPECT_NEAR(found->delay_ms, delay_ms, 0.6);
      EXPECT_NEAR(found->return_loss_db, loss_db, 1.5);
      EXPECT_GT(found->share, 0.8);
    }
  }
}

TEST(EchoFinder, HearsItOfAVoice) {
  const Pcm voice = Voice(8000, 20);
  const auto found = Find(voice, EchoOf(voice, 120, 12));
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->delay_ms, 120, 0.6);
  EXPECT_NEAR(found->return_loss_db, 12, 1.5);
}

// The other one answers in between.
TEST(EchoFinder, HearsItInAConversation) {
  const Pcm voice = Talker(10, -22, 1) + Pcm(10 * kHz) + Talker(10, -22, 2);
  Pcm other = EchoOf(voice, 180, 14);
  other = Mixed(other, Pcm(10 * kHz) + Talker(10, -22, 3));
  const auto found = Find(voice, other);
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->delay_ms, 180, 0.6);
  EXPECT_NEAR(found->return_loss_db, 14, 1.5);
  EXPECT_FALSE(Find(other, voice));
}

TEST(EchoFinder, HearsNoneInOthersSpeech) {
  for (uint32_t seed = 1; seed < 5; ++seed) {
    const Pcm voice = Talker(30, -22, seed);
    EXPECT_FALSE(Find(voice, Talker(30, -26, 100 + seed))) << seed;
  }
  const Pcm voice = Talker(20, -22, 1);
  EXPECT_FALSE(Find(voice, Noise(20, -60)));
  EXPECT_FALSE(Find(voice, Pcm(voice.size())));
}

TEST(EchoFinder, HearsNoneInTones) {
  EXPECT_FALSE(Find(Sine(10, -20, 440), Sine(10, -26, 440)));
  EXPECT_FALSE(Find(Sine(10, -20, 425), Sine(10, -26, 450)));
  EXPECT_FALSE(Find(Voice(8000, 10), Sine(10, -30, 140)));
}

// Out of range, too weak for the noise, and as strong as what was said: the
// same announcement on both sides.
TEST(EchoFinder, HearsNoneElsewhere) {
  const Pcm voice = Talker(20, -22, 1);
  EXPECT_FALSE(Find(voice, EchoOf(voice, 10, 12)));
  EXPECT_FALSE(Find(voice, EchoOf(voice, 700, 12)));
  EXPECT_FALSE(Find(voice, EchoOf(voice, 100, 50, -50)));
  EXPECT_FALSE(Find(voice, EchoOf(voice, 100, 0)));
}

TEST(EchoFinder, NeedsMoreThanAWord) {
  const Pcm voice = Talker(2, -22, 1);
  EXPECT_FALSE(Find(voice, EchoOf(voice, 100, 12)));
}

}  // namespace
}  // namespace callbraid::collector
