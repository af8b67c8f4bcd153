#ifndef CALLBRAID_TESTS_FAKES_OPEN_GATE_H_
#define CALLBRAID_TESTS_FAKES_OPEN_GATE_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "collector/access/sensor_gate.h"
#include "common/base/mutex.h"

namespace callbraid::fakes {

// Lets every sensor in that a test did not shut out. Thread-safe.
class OpenGate final : public collector::SensorGate {
 public:
  std::optional<collector::SensorRefusal> Check(
      const v1::Hello& hello, const pki::Validity&) const override {
    MutexLock lock(mutex_);
    const auto found = shut_.find(hello.sensor_id());
    if (found == shut_.end()) return std::nullopt;
    return found->second;
  }
  uint64_t changes() const override { return changes_; }

  void Shut(const std::string& sensor, collector::SensorRefusal refusal) {
    {
      MutexLock lock(mutex_);
      shut_.insert_or_assign(sensor, std::move(refusal));
    }
    ++changes_;
  }

 private:
  mutable Mutex mutex_;
  std::map<std::string, collector::SensorRefusal> shut_ ABSL_GUARDED_BY(mutex_);
  std::atomic<uint64_t> changes_ = 0;
};

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_OPEN_GATE_H_
