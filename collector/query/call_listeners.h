#ifndef CALLBRAID_COLLECTOR_QUERY_CALL_LISTENERS_H_
#define CALLBRAID_COLLECTOR_QUERY_CALL_LISTENERS_H_

#include <cstddef>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "callbraid/v1/query.pb.h"
#include "collector/access/audited_act.h"
#include "collector/query/response_writer.h"
#include "collector/query/worker_pool.h"
#include "collector/record/live_call.h"
#include "collector/retention/retention_watch.h"
#include "collector/store/scope.h"
#include "collector/store/store.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// Who listens to calls in progress: so many at once, each on a thread of its
// own, which sleeps between two windows of sound. Thread-safe.
class CallListeners {
 public:
  using Writer = ResponseWriter<v1::ListenToCallResponse>;
  // One for as long as somebody listens. Must not outlive the listeners.
  using Seat = std::shared_ptr<void>;

  static constexpr int kMost = 16;
  // Windows that may wait for their reader: 6.4 seconds, 12.8 with masked keys.
  static constexpr size_t kCapacity = 64;

  // References must outlive them.
  CallListeners(Store& store, const RetentionWatch& retention,
                const Clock& clock)
      : store_(store),
        retention_(retention),
        clock_(clock),
        pool_("listen", kMost + 1, kMost + 1) {}

  // Seats that are taken. For tests.
  int listening() const ABSL_LOCKS_EXCLUDED(mutex_) {
    MutexLock lock(mutex_);
    return taken_;
  }
  // Null if there is none left.
  Seat TakeSeat() ABSL_LOCKS_EXCLUDED(mutex_);
  // One thread more than seats: it tells who has none.
  WorkerPool& pool() { return pool_; }

  // For a thread of the pool: writes what is heard until the call ends or the
  // reader is gone (OK), or can no more be let hear. Errors as of the RPC.
  absl::Status Listen(const v1::ListenToCallRequest& request,
                      const Scope& scope, const Seat& seat, Writer& writer,
                      AuditedAct& act) ABSL_LOCKS_EXCLUDED(mutex_);

  // Ends all with UNAVAILABLE, and refuses new ones.
  void Close() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  void GiveBackSeat() ABSL_LOCKS_EXCLUDED(mutex_);
  // False when closed.
  bool Sleep(absl::Duration duration) ABSL_LOCKS_EXCLUDED(mutex_);

  Store& store_;
  const RetentionWatch& retention_;
  const Clock& clock_;
  mutable Mutex mutex_;
  CondVar wake_;
  int taken_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  WorkerPool pool_;  // Ends before what its threads use.
};

// What a request asks for. INVALID_ARGUMENT names the field that cannot be.
absl::StatusOr<LiveCall::Options> ReadListenRequest(
    const v1::ListenToCallRequest& request);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_CALL_LISTENERS_H_
