#include "collector/record/upsampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace callbraid::collector {
namespace {

// Hann-windowed sinc halfway between two samples; the sum of both sides is 1.
template <size_t kHalf>
std::array<float, kHalf> HalfBandTaps() {
  std::array<float, kHalf> taps{};
  double sum = 0;
  for (size_t i = 0; i < kHalf; ++i) {
    const double x = (static_cast<double>(i) + 0.5) * std::numbers::pi;
    const double tap =
        std::sin(x) / x * (0.5 + 0.5 * std::cos(x / (kHalf + 0.5)));
    taps[i] = static_cast<float>(tap);
    sum += 2 * tap;
  }
  for (float& tap : taps) tap = static_cast<float>(tap / sum);
  return taps;
}

}  // namespace

void Upsampler::Process(std::span<const int16_t> in,
                        std::vector<int16_t>& out) {
  static const std::array<float, kHalf> taps = HalfBandTaps<kHalf>();
  out.reserve(out.size() + 2 * in.size());
  for (const int16_t sample : in) {
    std::copy(history_.begin() + 1, history_.end(), history_.begin());
    history_.back() = sample;
    float between = 0;
    for (size_t i = 0; i < kHalf; ++i) {
      between += taps[i] * static_cast<float>(history_[kHalf - 1 - i] +
                                              history_[kHalf + i]);
    }
    out.push_back(history_[kHalf - 1]);
    out.push_back(static_cast<int16_t>(
        std::lrint(std::clamp(between, -32768.0f, 32767.0f))));
  }
}

}  // namespace callbraid::collector
