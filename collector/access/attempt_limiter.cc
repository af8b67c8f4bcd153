#include "collector/access/attempt_limiter.h"

#include <algorithm>

namespace callbraid::collector {

AttemptLimiter::Entry& AttemptLimiter::Refresh(Entry& entry) const {
  constexpr double kMinuteNs = 60e9;
  const int64_t now_ns = clock_.MonotonicNs();
  entry.left = std::min<double>(
      per_minute_,
      entry.left + per_minute_ * static_cast<double>(now_ns - entry.time_ns) /
                       kMinuteNs);
  entry.time_ns = now_ns;
  return entry;
}

bool AttemptLimiter::Exhausted(const std::string& key) {
  MutexLock lock(mutex_);
  const auto found = by_key_.find(key);
  return found != by_key_.end() && Refresh(*found->second).left < 1;
}

bool AttemptLimiter::Take(const std::string& key) {
  MutexLock lock(mutex_);
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
  } else {
    if (entries_.size() >= max_keys_) {
      by_key_.erase(entries_.back().key);
      entries_.pop_back();
      ++evictions_;
    }
    entries_.push_front(
        {key, static_cast<double>(per_minute_), clock_.MonotonicNs()});
    by_key_[key] = entries_.begin();
  }
  Entry& entry = Refresh(entries_.front());
  if (entry.left < 1) return false;
  entry.left -= 1;
  return true;
}

uint64_t AttemptLimiter::evictions() const {
  MutexLock lock(mutex_);
  return evictions_;
}

}  // namespace callbraid::collector
