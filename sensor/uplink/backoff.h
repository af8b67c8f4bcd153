#ifndef CALLBRAID_SENSOR_UPLINK_BACKOFF_H_
#define CALLBRAID_SENSOR_UPLINK_BACKOFF_H_

#include <algorithm>
#include <cstdint>
#include <random>

#include "absl/time/time.h"

namespace callbraid::sensor {

// How long to wait before the next attempt: doubles from `first` to `longest`,
// less up to a half by chance, so that the sensors that lost one collector do
// not come back at once.
class Backoff {
 public:
  Backoff(absl::Duration first, absl::Duration longest, uint64_t seed)
      : first_(first), longest_(longest), next_(first), random_(seed) {}

  absl::Duration Next() {
    const absl::Duration full = next_;
    next_ = std::min(next_ * 2, longest_);
    return full * std::uniform_real_distribution<double>(0.5, 1.0)(random_);
  }
  void Reset() { next_ = first_; }

 private:
  const absl::Duration first_;
  const absl::Duration longest_;
  absl::Duration next_;
  std::mt19937_64 random_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_UPLINK_BACKOFF_H_
