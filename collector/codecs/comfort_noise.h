#ifndef CALLBRAID_COLLECTOR_CODECS_COMFORT_NOISE_H_
#define CALLBRAID_COLLECTOR_CODECS_COMFORT_NOISE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace callbraid::collector {

// Comfort noise (RFC 3389): noise of the level and spectrum that a packet
// tells. The same noise for the same packets. One thread.
class ComfortNoise {
 public:
  // A payload: the level in -dBov, then reflection coefficients; of these the
  // first 12 are heeded. Nothing is silence.
  void Describe(std::span<const uint8_t> payload);
  // Appends `samples`.
  void Generate(size_t samples, std::vector<int16_t>& pcm);

 private:
  static constexpr size_t kOrder = 12;

  float gain_ = 0;
  std::array<float, kOrder> reflection_ = {};
  std::array<float, kOrder + 1> backward_ = {};
  uint32_t random_ = 1;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CODECS_COMFORT_NOISE_H_
