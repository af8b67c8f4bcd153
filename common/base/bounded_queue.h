#ifndef CALLBRAID_COMMON_BASE_BOUNDED_QUEUE_H_
#define CALLBRAID_COMMON_BASE_BOUNDED_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace callbraid {

// A hand-off between threads that is bounded by item count.
//
// Push() never blocks: when the queue is full it refuses the item and counts
// it, so that a slow consumer cannot stall the producer and no loss goes
// unreported. PushWait() blocks instead, for producers that may wait (a
// capture file).
//
// Thread-safe.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(size_t capacity) : capacity_(capacity) {}

  // Returns false, and counts a drop, if the queue is full or closed.
  bool Push(T item) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    if (closed_ || items_.size() >= capacity_) {
      ++drops_;
      return false;
    }
    items_.push_back(std::move(item));
    not_empty_.NotifyOne();
    return true;
  }

  // Waits for room. Returns false, and counts a drop, if the queue is closed.
  bool PushWait(T item) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    while (!closed_ && items_.size() >= capacity_) not_full_.Wait(mutex_);
    if (closed_) {
      ++drops_;
      return false;
    }
    items_.push_back(std::move(item));
    not_empty_.NotifyOne();
    return true;
  }

  // Waits up to `timeout` for an item. Empty on timeout, and when the queue is
  // closed and drained.
  std::optional<T> Pop(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    while (items_.empty() && !closed_) {
      if (!not_empty_.WaitFor(mutex_, timeout)) break;
    }
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    not_full_.NotifyOne();
    return item;
  }

  // What was pushed can still be popped; nothing more can be pushed.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    closed_ = true;
    not_empty_.NotifyAll();
    not_full_.NotifyAll();
  }

  bool closed_and_empty() const ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return closed_ && items_.empty();
  }
  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return items_.size();
  }
  uint64_t drops() const ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return drops_;
  }

 private:
  const size_t capacity_;
  mutable Mutex mutex_;
  CondVar not_empty_;
  CondVar not_full_;
  std::deque<T> items_ ABSL_GUARDED_BY(mutex_);
  uint64_t drops_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_BASE_BOUNDED_QUEUE_H_
