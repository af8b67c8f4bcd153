#ifndef CALLBRAID_COLLECTOR_ACCESS_ATTEMPT_LIMITER_H_
#define CALLBRAID_COLLECTOR_ACCESS_ATTEMPT_LIMITER_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>

#include "absl/base/thread_annotations.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// So many attempts a minute for each key, saved up for a minute at most.
//
// Bounded: beyond `max_keys` the key that was used least recently is forgotten,
// and has all its attempts again. Thread-safe.
class AttemptLimiter {
 public:
  // `clock` must outlive the limiter.
  AttemptLimiter(uint32_t per_minute, size_t max_keys, const Clock& clock)
      : per_minute_(per_minute), max_keys_(max_keys), clock_(clock) {}

  // Whether `key` has none left.
  bool Exhausted(const std::string& key) ABSL_LOCKS_EXCLUDED(mutex_);
  // Takes one, if there is one left. False if not.
  bool Take(const std::string& key) ABSL_LOCKS_EXCLUDED(mutex_);
  // Keys that were forgotten for want of room.
  uint64_t evictions() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Entry {
    std::string key;
    double left = 0;
    int64_t time_ns = 0;
  };
  // With what it has saved up by now.
  Entry& Refresh(Entry& entry) const;

  const uint32_t per_minute_;
  const size_t max_keys_;
  const Clock& clock_;
  mutable Mutex mutex_;
  // Most recently used first.
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_
      ABSL_GUARDED_BY(mutex_);
  uint64_t evictions_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_ATTEMPT_LIMITER_H_
