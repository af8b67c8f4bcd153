#ifndef CALLBRAID_COLLECTOR_RECORD_CONCEALER_H_
#define CALLBRAID_COLLECTOR_RECORD_CONCEALER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace callbraid::collector {

// Fills the place of lost packets: the last pitch period is repeated and fades
// to silence within 60 ms. What was lost for longer is silence: a recording
// must not invent speech.
class Concealer {
 public:
  // The longest stretch that is filled.
  static constexpr int64_t kLongestMs = 60;

  explicit Concealer(uint32_t sample_rate) : sample_rate_(sample_rate) {}

  // What was heard last, in order.
  void Remember(std::span<const int16_t> pcm);
  // Nothing before this point is worth repeating.
  void Forget() { history_.clear(); }
  // The longest stretch, in samples.
  size_t max_samples() const { return sample_rate_ * kLongestMs / 1000; }
  // Appends `count` samples.
  void Conceal(size_t count, std::vector<int16_t>& pcm) const;

 private:
  size_t PitchPeriod() const;

  const uint32_t sample_rate_;
  std::vector<int16_t> history_;  // The last 25 ms at most.
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_CONCEALER_H_
