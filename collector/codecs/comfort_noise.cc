#include "collector/codecs/comfort_noise.h"

#include <algorithm>
#include <cmath>

namespace callbraid::collector {

void ComfortNoise::Describe(std::span<const uint8_t> payload) {
  gain_ = 0;
  reflection_.fill(0);
  backward_.fill(0);
  if (payload.empty()) return;
  // 0 dBov is a square wave at full scale; the top bit is reserved.
  const double rms = 32767 * std::pow(10.0, -(payload[0] & 0x7f) / 20.0);
  double residual = 1;
  const auto coefficients = payload.subspan(1);
  for (size_t i = 0; i < std::min(coefficients.size(), kOrder); ++i) {
    const double k = 258.0 * (int{coefficients[i]} - 127) / 32768;
    // 255 is reserved, and the filter would ring for ever.
    reflection_[i] = static_cast<float>(std::clamp(k, -0.99, 0.99));
    residual *= 1 - reflection_[i] * reflection_[i];
  }
  // Evenly distributed numbers from -1 to 1 have a mean square of a third.
  gain_ = static_cast<float>(rms * std::sqrt(3 * residual));
}

void ComfortNoise::Generate(size_t samples, std::vector<int16_t>& pcm) {
  pcm.reserve(pcm.size() + samples);
  for (size_t n = 0; n < samples; ++n) {
    random_ = random_ * 1664525u + 1013904223u;
    // All-pole lattice.
    float forward = gain_ * static_cast<float>(static_cast<int32_t>(random_)) /
                    2147483648.0f;
    for (size_t i = kOrder; i-- > 0;) {
      forward -= reflection_[i] * backward_[i];
      backward_[i + 1] = backward_[i] + reflection_[i] * forward;
    }
    backward_[0] = forward;
    pcm.push_back(static_cast<int16_t>(
        std::lrint(std::clamp(forward, -32768.0f, 32767.0f))));
  }
}

}  // namespace callbraid::collector
