#ifndef CALLBRAID_COLLECTOR_RECORD_UPSAMPLER_H_
#define CALLBRAID_COLLECTOR_RECORD_UPSAMPLER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace callbraid::collector {

// Doubles the sample rate with a half-band filter, so that narrowband speech
// beside a wideband party has no mirror image above 4 kHz. Delays by 1 ms (8
// samples at 8 kHz).
class Upsampler {
 public:
  // Forgets what it heard: call it where the signal is interrupted.
  void Reset() { history_.fill(0); }
  // Appends 2 * in.size() samples.
  void Process(std::span<const int16_t> in, std::vector<int16_t>& out);

 private:
  static constexpr size_t kHalf = 8;
  std::array<int16_t, 2 * kHalf> history_ = {};  // Oldest first.
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_UPSAMPLER_H_
