#ifndef CALLBRAID_COLLECTOR_RECORD_RESAMPLER_H_
#define CALLBRAID_COLLECTOR_RECORD_RESAMPLER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace callbraid::collector {

// Brings a signal to another sample rate with windowed sinc filters, so that
// narrowband speech beside a wideband party has no mirror images. Delays by 8
// samples of the input, 1 ms at 8 kHz.
class Resampler {
 public:
  // Hz, neither 0.
  Resampler(uint32_t from, uint32_t to);

  // Forgets what it heard: call it where the signal is interrupted.
  void Reset();
  // Appends in.size() * to / from samples, over time; a fraction is carried on.
  void Process(std::span<const int16_t> in, std::vector<int16_t>& out);

 private:
  static constexpr size_t kHalf = 8;
  using Taps = std::array<float, 2 * kHalf>;

  // The place of the next output sample between two input samples, in parts of
  // their distance: there are taps_.size(), and filters for each.
  size_t phase_ = 0;
  const size_t step_;
  std::vector<Taps> taps_;
  std::array<int16_t, 2 * kHalf> history_ = {};  // Oldest first.
};

// Brings `pcm` to `size` samples, a few more or less, so that its first and
// last sample keep their place: a clock is corrected without a step. Neither is
// 0.
void Stretch(std::vector<int16_t>& pcm, size_t size);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_RESAMPLER_H_
