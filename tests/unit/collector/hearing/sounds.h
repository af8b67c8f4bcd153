#ifndef CALLBRAID_TESTS_UNIT_COLLECTOR_HEARING_SOUNDS_H_
#define CALLBRAID_TESTS_UNIT_COLLECTOR_HEARING_SOUNDS_H_

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>

#include "tests/unit/collector/codecs/reference.h"

// Sounds of known level at 8 kHz.
namespace callbraid::collector {

inline constexpr size_t kHz = 8000;

inline double DbovOf(const Pcm& pcm) {
  double squares = 0;
  for (const int16_t sample : pcm) squares += double{1} * sample * sample;
  return 10 * std::log10(squares / static_cast<double>(pcm.size()) /
                         (32768.0 * 32768.0));
}

inline Pcm Sine(double seconds, double dbov, double hz = 1000) {
  Pcm pcm(static_cast<size_t>(seconds * kHz));
  // The level of a sine is 3 dB below its amplitude.
  const double amplitude =
      32768 * std::numbers::sqrt2 * std::pow(10, dbov / 20);
  for (size_t i = 0; i < pcm.size(); ++i) {
    pcm[i] = static_cast<int16_t>(
        std::lround(amplitude * std::sin(2 * std::numbers::pi * hz *
                                         static_cast<double>(i) / kHz)));
  }
  return pcm;
}

inline Pcm Noise(double seconds, double dbov, uint32_t seed = 1) {
  Pcm pcm(static_cast<size_t>(seconds * kHz));
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, 32768 * std::pow(10, dbov / 20));
  for (int16_t& sample : pcm) {
    sample = static_cast<int16_t>(
        std::clamp(std::lround(normal(random)), -32768L, 32767L));
  }
  return pcm;
}

// `pcm` stronger by so much, cut at `limit`.
inline Pcm Louder(const Pcm& pcm, double db, double limit = 32767) {
  Pcm louder;
  for (const int16_t sample : pcm) {
    louder.push_back(static_cast<int16_t>(std::lround(
        std::clamp(sample * std::pow(10, db / 20), -limit, limit))));
  }
  return louder;
}

inline Pcm operator+(Pcm a, const Pcm& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Both at once; the second from sample `at` on, as far as the first goes.
inline Pcm Mixed(Pcm a, const Pcm& b, size_t at = 0) {
  for (size_t i = 0; i < b.size() && at + i < a.size(); ++i) {
    a[at + i] = static_cast<int16_t>(
        std::clamp(int{a[at + i]} + int{b[i]}, -32768, 32767));
  }
  return a;
}

// Speech-like noise: words of a second or so with pauses between them, unlike
// any of another seed.
inline Pcm Talker(double seconds, double dbov, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, 1);
  std::uniform_real_distribution<double> uniform(0, 1);
  Pcm pcm;
  double before = 0;
  while (pcm.size() < static_cast<size_t>(seconds * kHz)) {
    const auto length =
        static_cast<size_t>((0.4 + 1.2 * uniform(random)) * kHz);
    for (size_t i = 0; i < length; ++i) {
      before = 0.8 * before + normal(random);
      const double syllable =
          0.6 + 0.4 * std::sin(2 * std::numbers::pi * 4 *
                               static_cast<double>(i) / kHz);
      pcm.push_back(static_cast<int16_t>(1000 * syllable * before));
    }
    pcm.insert(pcm.end(),
               static_cast<size_t>((0.3 + 0.5 * uniform(random)) * kHz), 0);
  }
  pcm.resize(static_cast<size_t>(seconds * kHz));
  return Louder(pcm, dbov - DbovOf(pcm));
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_TESTS_UNIT_COLLECTOR_HEARING_SOUNDS_H_
