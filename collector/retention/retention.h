#ifndef CALLBRAID_COLLECTOR_RETENTION_RETENTION_H_
#define CALLBRAID_COLLECTOR_RETENTION_RETENTION_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "callbraid/v1/config.pb.h"
#include "collector/access/audit_log.h"
#include "collector/retention/retention_policy.h"
#include "collector/retention/retention_watch.h"
#include "collector/retention/unrecorded.h"
#include "collector/store/event_log.h"
#include "collector/store/retention_store.h"
#include "collector/store/store.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/thread.h"

namespace callbraid::collector {

// What is kept, and what went since the collector started.
struct RetentionState {
  // As last looked at, some seconds ago.
  DiskUse use;
  uint64_t expired_calls = 0;
  // Runs that dropped media for want of room.
  uint64_t drops_for_room = 0;
  // Data or disk beyond the limits, and nothing that may be deleted.
  bool is_full = false;
  // Wall time of the last run by age that went through; 0 before.
  int64_t last_run_ns = 0;
};

// Removes what is older than its configuration allows, has no room, or is not
// to be recorded, and takes off the disk what was deleted on order. Each run
// that removed something is noted in the audit log.
//
// Its thread, "retention", looks at room, orders and calls that are not to be
// recorded every 10 s, at ages every hour; it rests between small pieces of
// work, so that ingest does not wait.
class Retention final : public RetentionWatch {
 public:
  // `config` as from CompleteRetention(). References must outlive it.
  Retention(const v1::RetentionConfig& config, RetentionStore& store,
            FactStore& facts, EventLog& log, AuditLog& audit,
            const Clock& clock);
  // As Stop().
  ~Retention() override;

  void Start();
  // Ends what is under way: the next start goes on with it. Once.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  // From any thread.
  RetentionState State() const ABSL_LOCKS_EXCLUDED(mutex_);
  v1::GetRetentionResponse Describe() const override;
  absl::Status CheckRecorded(const v1::Call& call) const override;

  // What the thread does, for tests: all there is to do by age; room and
  // orders; what is not to be recorded.
  absl::Status RunByAge();
  absl::Status RunByRoom();
  absl::Status RunUnrecorded();

 private:
  struct Expired {
    uint64_t calls = 0;
    // Calls of which the media alone went, one by one.
    uint64_t media = 0;
    // That the store looked at, to delete something of them.
    uint64_t asked = 0;
  };

  void Run();
  absl::Status DropOldMedia();
  // Media from before `before_ns`, as rules have it. `dropped` becomes true if
  // any went, also if then something fails.
  absl::Status DropMediaBefore(int64_t before_ns, bool& dropped);
  absl::Status ExpireCalls(Expired& expired);
  // `all`: also those whose media should have gone before, one by one.
  absl::Status ExpireOne(const CallPosition& position, const KeepDays& days,
                         bool all, Expired& expired);
  absl::Status LookAtRoom() ABSL_LOCKS_EXCLUDED(mutex_);
  void SetFull(bool is_full, uint64_t missing) ABSL_LOCKS_EXCLUDED(mutex_);
  // What RunUnrecorded() removed since the last time.
  absl::Status NoteUnrecorded();
  absl::Status Sweep();
  void Report(const absl::Status& status);
  // Of media from before `before_ns`, which went. `use`: of before.
  absl::Status NoteMedia(int64_t before_ns, const std::string& why,
                         const DiskUse& use);
  absl::Status Note(std::string detail);
  absl::Status WriteNotes();
  // False when it is time to stop.
  bool Wait(absl::Duration time) ABSL_LOCKS_EXCLUDED(mutex_);
  // What is that many days old, and a day more: no call is longer.
  int64_t Before(uint32_t days) const;

  const v1::RetentionConfig config_;
  const RetentionPolicy policy_;
  RetentionStore& store_;
  AuditLog& audit_;
  const Clock& clock_;
  Unrecorded unrecorded_;

  // Of the thread.
  int64_t next_age_ns_ = 0;
  int64_t next_all_ns_ = 0;
  int64_t next_look_ns_ = 0;
  int64_t next_room_ns_ = 0;
  int64_t next_purge_ns_ = 0;
  int64_t next_sweep_ns_ = 0;
  int64_t next_report_ns_ = 0;
  std::string sweep_cursor_;
  uint64_t unrecorded_removed_ = 0;
  // What went and is not in the audit log yet: the disk did not take it.
  std::deque<std::string> notes_;

  mutable Mutex mutex_;
  CondVar stop_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  RetentionState state_ ABSL_GUARDED_BY(mutex_);
  Thread thread_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RETENTION_RETENTION_H_
