#include "collector/hearing/talk.h"

#include <algorithm>

#include "gtest/gtest.h"
#include "tests/unit/collector/hearing/sounds.h"

namespace callbraid::collector {
namespace {

struct Heard {
  double seconds = 0;
  std::optional<double> noise_dbov;
};

Heard TalkOf(const Pcm& pcm) {
  SpeechMeter meter;
  meter.Listen(pcm);
  const Talk talk = TalkIn(meter);
  EXPECT_EQ(talk.frames.size(), meter.frames().size());
  return {static_cast<double>(
              std::count(talk.frames.begin(), talk.frames.end(), true)) /
              50,
          talk.noise_dbov};
}

// A stretch of sound of 2 s in 10, and 0.2 s after it.
Pcm TwoOfTen(double sound_dbov, const Pcm& pause) {
  Pcm pcm = pause;
  return Mixed(pcm, Noise(2, sound_dbov, 7), 3 * kHz);
}

TEST(Talk, IsWhatIsLouderThanPauses) {
  for (const double noise : {-80.0, -70.0, -60.0, -50.0, -45.0}) {
    for (const double sound : {-15.0, -26.0, -35.0}) {
      if (sound - noise < 10) continue;
      const auto heard = TalkOf(TwoOfTen(sound, Noise(10, noise)));
      EXPECT_NEAR(heard.seconds, 2.2, 0.06) << sound << " in " << noise;
      ASSERT_TRUE(heard.noise_dbov);
      EXPECT_NEAR(*heard.noise_dbov, noise, 1) << sound << " in " << noise;
    }
  }
}

TEST(Talk, IsNothingInSilence) {
  const auto heard = TalkOf(Pcm(10 * kHz));
  EXPECT_EQ(heard.seconds, 0);
  EXPECT_FALSE(heard.noise_dbov);
  EXPECT_EQ(TalkOf({}).seconds, 0);
}

TEST(Talk, IsNothingInComfortNoise) {
  for (const double noise : {-80.0, -62.0, -55.0, -45.0}) {
    const auto heard = TalkOf(Noise(10, noise));
    EXPECT_EQ(heard.seconds, 0) << noise;
    EXPECT_NEAR(*heard.noise_dbov, noise, 0.7);
  }
}

TEST(Talk, IsAllOfATone) {
  EXPECT_NEAR(TalkOf(Sine(10, -20, 440)).seconds, 10, 0.05);
  EXPECT_NEAR(TalkOf(Voice(8000, 10)).seconds, 10, 0.3);
}

TEST(Talk, IsNoClick) {
  Pcm pcm = TwoOfTen(-26, Noise(10, -70));
  pcm[7 * kHz + 40] = 12000;
  EXPECT_NEAR(TalkOf(pcm).seconds, 2.2, 0.06);
}

TEST(Talk, OfAWeakTalkerIsFoundToo) {
  EXPECT_NEAR(TalkOf(TwoOfTen(-48, Noise(10, -75))).seconds, 2.2, 0.1);
}

}  // namespace
}  // namespace callbraid::collector
