#ifndef CALLBRAID_SENSOR_SPOOL_WAKEUP_H_
#define CALLBRAID_SENSOR_SPOOL_WAKEUP_H_

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"

namespace callbraid::sensor {

// A flag that many threads raise and one waits for. What happened is looked up
// elsewhere: raising it twice wakes once. Thread-safe.
class Wakeup {
 public:
  void Raise() ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    if (raised_) return;
    raised_ = true;
    changed_.NotifyOne();
  }

  // Returns when the flag is up, or after `timeout` at the latest; lowers it.
  void Wait(absl::Duration timeout) ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    while (!raised_) {
      if (!changed_.WaitFor(mutex_, timeout)) break;
    }
    raised_ = false;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  bool raised_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SPOOL_WAKEUP_H_
