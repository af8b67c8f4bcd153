#ifndef CALLBRAID_COMMON_CODING_COMPANDING_H_
#define CALLBRAID_COMMON_CODING_COMPANDING_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace callbraid {

// The 256 codes of one of the laws of ITU-T G.711, in the order of the
// amplitudes that they stand for: neighbours in that order sound alike, which
// neighbours as bytes do not.
class CompandingLaw {
 public:
  static const CompandingLaw& MuLaw();
  static const CompandingLaw& ALaw();

  // 0..255, the lowest amplitude first; of the two zeros of mu-law the negative
  // one.
  uint8_t PlaceOf(uint8_t code) const { return places_[code]; }
  uint8_t CodeAt(uint8_t place) const { return codes_[place]; }
  // The amplitude in 16 bits.
  int16_t AmplitudeAt(uint8_t place) const { return amplitudes_[place]; }
  // The place whose amplitude is nearest to `amplitude` rounded down to a
  // multiple of 4; of two as near the lower.
  uint8_t Nearest(int16_t amplitude) const {
    return nearest_[static_cast<size_t>((amplitude + 32768) / kStep)];
  }

 private:
  static constexpr int kStep = 4;

  explicit CompandingLaw(int16_t (*expand)(uint8_t code));

  std::array<uint8_t, 256> places_;
  std::array<uint8_t, 256> codes_;
  std::array<int16_t, 256> amplitudes_;
  std::array<uint8_t, 65536 / kStep> nearest_;
};

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_CODING_COMPANDING_H_
