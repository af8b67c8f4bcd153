#ifndef CALLBRAID_COLLECTOR_CLOCKS_CLOCK_BOARD_H_
#define CALLBRAID_COLLECTOR_CLOCKS_CLOCK_BOARD_H_

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "callbraid/v1/sensor.pb.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// How the sensors' clocks compare, as the correlator last found: written by its
// thread, read by any. Thread-safe.
class ClockBoard {
 public:
  void Set(std::map<std::string, v1::SensorClock> clocks)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    clocks_ = std::move(clocks);
  }
  // Nullopt if nothing tells.
  std::optional<v1::SensorClock> Of(const std::string& sensor) const
      ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    const auto found = clocks_.find(sensor);
    if (found == clocks_.end()) return std::nullopt;
    return found->second;
  }

 private:
  mutable Mutex mutex_;
  std::map<std::string, v1::SensorClock> clocks_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CLOCKS_CLOCK_BOARD_H_
