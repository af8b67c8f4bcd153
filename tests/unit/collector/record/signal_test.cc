#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <numbers>
#include <vector>

#include "collector/record/concealer.h"
#include "collector/record/resampler.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

std::vector<int16_t> Tone(double hz, double rate, size_t samples) {
  std::vector<int16_t> pcm(samples);
  for (size_t i = 0; i < samples; ++i) {
    pcm[i] =
        static_cast<int16_t>(10000 * std::sin(2 * std::numbers::pi * hz *
                                              static_cast<double>(i) / rate));
  }
  return pcm;
}

TEST(Concealer, GoesOnWithTheToneAndFades) {
  Concealer concealer(8000);
  const auto tone = Tone(200, 8000, 800);
  concealer.Remember(tone);
  std::vector<int16_t> pcm;
  concealer.Conceal(480, pcm);
  ASSERT_EQ(pcm.size(), 480u);
  // A period is 40 samples, so what follows is like what was.
  for (size_t i = 0; i < 80; ++i) {
    EXPECT_NEAR(pcm[i], tone[720 + i], 2000) << i;
  }
  for (size_t i = 470; i < 480; ++i) EXPECT_LE(std::abs(pcm[i]), 300) << i;
}

TEST(Concealer, InventsNothingAfterAPause) {
  Concealer concealer(8000);
  concealer.Remember(Tone(200, 8000, 800));
  concealer.Forget();
  std::vector<int16_t> pcm;
  concealer.Conceal(160, pcm);
  EXPECT_EQ(pcm, std::vector<int16_t>(160, 0));
}

TEST(Resampler, KeepsAToneAndAddsNoImage) {
  Resampler resampler(8000, 16000);
  std::vector<int16_t> pcm;
  // In uneven parts: the filter must not see packets.
  const auto tone = Tone(1000, 8000, 1600);
  resampler.Process(std::span(tone).first(37), pcm);
  resampler.Process(std::span(tone).subspan(37), pcm);
  ASSERT_EQ(pcm.size(), 3200u);
  const auto wanted = Tone(1000, 16000, 3200);
  for (size_t i = 100; i < 3000; ++i) {
    EXPECT_NEAR(pcm[i + 16], wanted[i], 120) << i;
  }
}

}  // namespace
}  // namespace callbraid::collector
