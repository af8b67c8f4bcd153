#ifndef CALLBRAID_COLLECTOR_ACCESS_AUDIT_LOG_H_
#define CALLBRAID_COLLECTOR_ACCESS_AUDIT_LOG_H_

#include <cstdint>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/access.pb.h"
#include "callbraid/v1/config.pb.h"
#include "collector/access/caller.h"
#include "collector/store/access_store.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// Who did what, as `caller` and `status` tell it.
v1::AuditEntry EntryOf(const Caller& caller, v1::AuditAct act,
                       const std::string& target, const absl::Status& status);

// What was done and what was refused: only ever added to, in the store. Nothing
// removes an entry but age and number, from the oldest on, which is itself
// noted. Thread-safe; methods that touch the disk are not for reactions.
class AuditLog {
 public:
  // `config` as from Complete(). References must outlive the log.
  AuditLog(const v1::AccessConfig& config, AccessStore& store,
           const Clock& clock);

  // Finds where the log ends. Before anything else.
  absl::Status Load() ABSL_LOCKS_EXCLUDED(mutex_);

  // Adds `entry`, at the time of now, and makes `with` the same change: neither
  // is there without the other. On disk when this returns OK; UNAVAILABLE says
  // that what was to be noted must not be done.
  absl::Status Append(v1::AuditEntry entry, AccessChange with = {})
      ABSL_LOCKS_EXCLUDED(mutex_);

  // `request.page_token` and that of the response are not sealed.
  absl::StatusOr<v1::ListAuditResponse> List(
      const v1::ListAuditRequest& request) const;

  // Removes what is too old or too much, a bounded number at once.
  absl::Status Cut() ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  absl::Status Write(v1::AuditEntry entry, AccessChange with)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const uint64_t max_entries_;
  const int64_t max_age_ns_;
  AccessStore& store_;
  const Clock& clock_;
  // Held over a write: entries are written in their order.
  mutable Mutex mutex_;
  uint64_t oldest_ ABSL_GUARDED_BY(mutex_) = 1;
  uint64_t next_ ABSL_GUARDED_BY(mutex_) = 1;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_AUDIT_LOG_H_
