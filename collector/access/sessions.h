#ifndef CALLBRAID_COLLECTOR_ACCESS_SESSIONS_H_
#define CALLBRAID_COLLECTOR_ACCESS_SESSIONS_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "collector/access/caller.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// Streams under way, so that they end when the token or the certificate does on
// which they run.
//
// As many as the pools and the watch hub allow. Thread-safe.
class Sessions {
 public:
  using End = std::function<void(const absl::Status&)>;

  // Until what is returned is destroyed, `end` may be called, from any thread,
  // more than once. Null for a caller with nothing that could end. The sessions
  // must outlive it.
  std::shared_ptr<void> Add(const Caller& caller, End end)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    if (caller.Check(std::numeric_limits<int64_t>::max()).ok()) return nullptr;
    MutexLock lock(mutex_);
    const uint64_t id = next_id_++;
    sessions_[id] = {caller, std::move(end)};
    return std::shared_ptr<void>(this, [id](void* sessions) {
      static_cast<Sessions*>(sessions)->Remove(id);
    });
  }

  // Ends those that run on what is good no more.
  void EndDead(int64_t now_ns) ABSL_LOCKS_EXCLUDED(mutex_) {
    std::map<uint64_t, Session> dead;
    {
      MutexLock lock(mutex_);
      for (const auto& [id, session] : sessions_) {
        if (!session.caller.Check(now_ns).ok()) dead[id] = session;
      }
    }
    // Not under the lock: what ends is removed.
    for (const auto& [id, session] : dead) {
      session.end(session.caller.Check(now_ns));
    }
  }

  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return sessions_.size();
  }

 private:
  struct Session {
    Caller caller;
    End end;
  };

  void Remove(uint64_t id) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    sessions_.erase(id);
  }

  mutable Mutex mutex_;
  std::map<uint64_t, Session> sessions_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_SESSIONS_H_
