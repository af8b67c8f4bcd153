#include "common/coding/companding.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace callbraid {
namespace {

// G.711, tables 2a and 2b: all bits are inverted; the bias is 33 of 14 bits.
int16_t ExpandMuLaw(uint8_t code) {
  constexpr int kBias = 33 << 2;
  const auto bits = static_cast<uint8_t>(~code);
  const int magnitude =
      ((((bits & 0x0f) << 3) + kBias) << (bits >> 4 & 7)) - kBias;
  return static_cast<int16_t>(bits & 0x80 ? -magnitude : magnitude);
}

// G.711, tables 1a and 1b: even bits are inverted; the sign bit is set if
// positive.
int16_t ExpandALaw(uint8_t code) {
  const auto bits = static_cast<uint8_t>(code ^ 0x55);
  const int segment = bits >> 4 & 7;
  const int steps = (bits & 0x0f) * 2 + 1 + (segment > 0 ? 32 : 0);
  const int magnitude = steps << (3 + std::max(segment - 1, 0));
  return static_cast<int16_t>(bits & 0x80 ? magnitude : -magnitude);
}

}  // namespace

CompandingLaw::CompandingLaw(int16_t (*expand)(uint8_t code)) {
  std::iota(codes_.begin(), codes_.end(), uint8_t{0});
  std::stable_sort(
      codes_.begin(), codes_.end(),
      [expand](uint8_t a, uint8_t b) { return expand(a) < expand(b); });
  for (size_t place = 0; place < codes_.size(); ++place) {
    places_[codes_[place]] = static_cast<uint8_t>(place);
    amplitudes_[place] = expand(codes_[place]);
  }
  size_t place = 0;
  for (size_t i = 0; i < nearest_.size(); ++i) {
    const int amplitude = static_cast<int>(i) * kStep - 32768;
    while (place + 1 < amplitudes_.size() &&
           amplitudes_[place] + amplitudes_[place + 1] < 2 * amplitude) {
      ++place;
    }
    nearest_[i] = static_cast<uint8_t>(place);
  }
}

const CompandingLaw& CompandingLaw::MuLaw() {
  static const CompandingLaw law(ExpandMuLaw);
  return law;
}

const CompandingLaw& CompandingLaw::ALaw() {
  static const CompandingLaw law(ExpandALaw);
  return law;
}

}  // namespace callbraid
