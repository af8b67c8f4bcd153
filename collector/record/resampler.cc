#include "collector/record/resampler.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace callbraid::collector {

Resampler::Resampler(uint32_t from, uint32_t to)
    : step_(from / std::gcd(from, to)), taps_(to / std::gcd(from, to)) {
  // Nothing above half of the lower rate passes.
  const double cutoff = std::min(1.0, static_cast<double>(to) / from);
  for (size_t phase = 0; phase < taps_.size(); ++phase) {
    const double place =
        static_cast<double>(phase) / static_cast<double>(taps_.size());
    double sum = 0;
    std::array<double, 2 * kHalf> taps;
    for (size_t i = 0; i < taps.size(); ++i) {
      const double x =
          (static_cast<double>(i) - (kHalf - 1) - place) * std::numbers::pi;
      const double sinc = x == 0 ? 1 : std::sin(cutoff * x) / (cutoff * x);
      taps[i] = sinc * (0.5 + 0.5 * std::cos(x / (kHalf + 0.5)));
      sum += taps[i];
    }
    for (size_t i = 0; i < taps.size(); ++i) {
      taps_[phase][i] = static_cast<float>(taps[i] / sum);
    }
  }
}

void Resampler::Reset() {
  history_.fill(0);
  phase_ = 0;
}

void Resampler::Process(std::span<const int16_t> in,
                        std::vector<int16_t>& out) {
  out.reserve(out.size() + in.size() * taps_.size() / step_ + 1);
  for (const int16_t sample : in) {
    std::copy(history_.begin() + 1, history_.end(), history_.begin());
    history_.back() = sample;
    for (; phase_ < taps_.size(); phase_ += step_) {
      const Taps& taps = taps_[phase_];
      float sum = 0;
      for (size_t i = 0; i < taps.size(); ++i) {
        sum += taps[i] * static_cast<float>(history_[i]);
      }
      out.push_back(static_cast<int16_t>(
          std::lrint(std::clamp(sum, -32768.0f, 32767.0f))));
    }
    phase_ -= taps_.size();
  }
}

void Stretch(std::vector<int16_t>& pcm, size_t size) {
  constexpr ptrdiff_t kReach = 8;
  const auto last = static_cast<ptrdiff_t>(pcm.size()) - 1;
  std::vector<int16_t> stretched(size);
  for (size_t i = 0; i < size; ++i) {
    const double at = size == 1
                          ? 0
                          : static_cast<double>(last) * static_cast<double>(i) /
                                static_cast<double>(size - 1);
    const auto base = static_cast<ptrdiff_t>(at);
    const double place = at - static_cast<double>(base);
    if (place < 1e-6) {
      stretched[i] = pcm[base];
      continue;
    }
    // A windowed sinc, as above: all of one sine.
    double sum = 0;
    double weights = 0;
    double sine = std::sin(std::numbers::pi * place);
    for (ptrdiff_t tap = 1 - kReach; tap <= kReach; ++tap) {
      sine = -sine;
      const double x = (static_cast<double>(tap) - place) * std::numbers::pi;
      const double weight =
          sine / x * (0.5 + 0.5 * std::cos(x / (kReach + 0.5)));
      weights += weight;
      sum += weight * pcm[std::clamp<ptrdiff_t>(base + tap, 0, last)];
    }
    stretched[i] = static_cast<int16_t>(
        std::lrint(std::clamp(sum / weights, -32768.0, 32767.0)));
  }
  pcm = std::move(stretched);
}

}  // namespace callbraid::collector
