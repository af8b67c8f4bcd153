#ifndef CALLBRAID_COLLECTOR_EVENTS_SINK_METER_H_
#define CALLBRAID_COLLECTOR_EVENTS_SINK_METER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// How a sink is doing. Counters are since the start of the collector.
struct SinkState {
  std::string name;
  // "webhook", "cdr_files", "hep", "syslog".
  std::string type;
  uint64_t delivered = 0;
  // Attempts that failed and were, or will be, made again.
  uint64_t failed_attempts = 0;
  // Events that the sink never gets: refused again and again by a receiver that
  // takes others; no longer kept when the sink came to them; of calls that are
  // no more.
  uint64_t refused = 0;
  uint64_t expired = 0;
  uint64_t gone = 0;
  // Logged and not dealt with yet, also those that the sink is not told of.
  uint64_t waiting = 0;
  // Since the oldest event that was given to the sink and is not dealt with; 0
  // if there is none.
  int64_t oldest_ns = 0;
  // Its last attempts failed, all of them.
  bool down = false;
};

// Gathers the state of one sink. Thread-safe.
class SinkMeter {
 public:
  SinkMeter(std::string name, std::string type) {
    state_.name = std::move(name);
    state_.type = std::move(type);
  }

  void Add(uint64_t SinkState::*counter, uint64_t count = 1)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    state_.*counter += count;
  }
  // Returns whether that is news.
  bool SetDown(bool down) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    const bool news = state_.down != down;
    state_.down = down;
    return news;
  }
  SinkState state() const ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return state_;
  }

 private:
  mutable Mutex mutex_;
  SinkState state_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_SINK_METER_H_
