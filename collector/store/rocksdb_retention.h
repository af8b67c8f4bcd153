#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_RETENTION_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_RETENTION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "collector/store/retention_store.h"
#include "collector/store/rocksdb_call_parts.h"
#include "collector/store/rocksdb_deletion.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/rocksdb_fact_store.h"
#include "collector/store/rocksdb_holds.h"
#include "collector/store/rocksdb_media_store.h"
#include "collector/store/rocksdb_purge.h"
#include "collector/store/rocksdb_sweep.h"

namespace callbraid::collector {

// Retention in RocksDB. One thread, but for Interrupt().
class RocksDbRetention final : public RetentionStore {
 public:
  // References must outlive it.
  RocksDbRetention(RocksDbEngine& engine, RocksDbFactStore& facts,
                   RocksDbMediaStore& media, const RocksDbHolds& holds,
                   RocksDbEventLog& log, RocksDbDeletion& deletion,
                   RecentDeletions& recent)
      : engine_(engine),
        facts_(facts),
        media_(media),
        holds_(holds),
        deletion_(deletion),
        parts_(facts),
        sweep_(engine, facts, media, recent),
        purge_(engine, log) {}

  absl::Status VisitCalls(
      const std::optional<CallPosition>& from, int64_t before_ns,
      const std::function<bool(const CallPosition&,
                               const store::v1::CallIndexEntry&)>& visit)
      override;
  absl::Status ExpireCall(const ObservationId& call, int64_t now_ns) override {
    return deletion_.Expire(call, now_ns);
  }
  absl::StatusOr<bool> ExpireMedia(const ObservationId& call,
                                   int64_t now_ns) override {
    return deletion_.ExpireMedia(call, now_ns);
  }
  absl::StatusOr<bool> DropMedia(int64_t before_ns, int64_t now_ns) override;
  absl::StatusOr<bool> DropMediaBut(const KeepCall& keep, int64_t before_ns,
                                    int64_t now_ns, bool& more) override;
  absl::StatusOr<std::optional<int64_t>> DropOldest(uint64_t bytes,
                                                    int64_t before_ns,
                                                    int64_t now_ns) override;
  absl::StatusOr<DiskUse> Use() override;
  absl::StatusOr<uint64_t> Sweep(int64_t before_ns, int64_t orders_before_ns,
                                 std::string& cursor) override {
    return sweep_.Run(before_ns, orders_before_ns, cursor);
  }
  absl::Status Purge(const std::function<void()>& between) override {
    return purge_.Run(between);
  }
  void Interrupt() override { engine_.StopRewriting(); }

 private:
  // Frames that stay: of an observation, in a bucket.
  using Kept = std::vector<std::pair<uint32_t, ObservationId>>;
  struct Window {
    uint32_t from = 0;
    uint32_t before = 0;
  };
  struct Gap {
    std::string begin;
    std::string end;
    // The buckets that they lie in.
    uint32_t first = 0;
    uint32_t last = 0;

    // Nothing else is near it: whole tables may be dropped.
    bool is_wide() const { return last > first; }
  };

  // What was in the store when what stays was begun to be looked for: what came
  // since is found by it.
  struct Beginning {
    uint64_t commit = 0;
    uint64_t holds = 0;
  };
  absl::StatusOr<Beginning> Begin();
  // `by_rules`: nothing is dropped from the window any more but call by call.
  // Returns whether there was anything to drop.
  absl::StatusOr<bool> Drop(const Window& window, const Beginning& beginning,
                            int64_t now_ns, bool by_rules, Kept& kept);
  // Takes what was deleted off the disk. `is_shared`: other frames lie in the
  // same tables.
  absl::Status Free(const std::vector<Gap>& gaps, bool is_shared);
  absl::Status AddKeptByRules(const KeepCall& keep, const Window& window,
                              Kept& kept);
  // Adds what is on hold or in progress in the window.
  absl::Status AddProtected(const Window& window, int64_t now_ns, Kept& kept);
  absl::Status AddCall(const ObservationId& call, const Window& window,
                       Kept& kept);
  absl::Status AddObservation(const ObservationId& id, const Window& window,
                              Kept& kept);
  absl::Status AddPart(const CallPart& part, const Window& window, Kept& kept);
  // What came since: it is in progress.
  absl::Status AddSince(uint64_t read_at, const Window& window, Kept& kept);
  // The parts of the window between what is kept that have any frames.
  absl::StatusOr<std::vector<Gap>> GapsOf(const Window& window, Kept& kept);
  // `gaps` but for what is kept as well.
  static std::vector<Gap> Without(const Kept& kept, std::vector<Gap> gaps);
  // That has any media, from `from` on.
  absl::StatusOr<std::optional<uint32_t>> FirstBucket(uint32_t from = 0) const;
  // From the first media on that may go, if there are any before `end`.
  absl::StatusOr<std::optional<Gap>> FirstToGo(uint32_t end, int64_t now_ns);
  // The bucket up to which `bytes` of media lie behind the beginning of `gap`,
  // roughly; `end` if fewer do.
  absl::StatusOr<uint32_t> BucketOfBytes(uint64_t bytes, const Gap& gap,
                                         uint32_t end) const;

  RocksDbEngine& engine_;
  RocksDbFactStore& facts_;
  RocksDbMediaStore& media_;
  const RocksDbHolds& holds_;
  RocksDbDeletion& deletion_;
  const RocksDbCallParts parts_;
  RocksDbSweep sweep_;
  RocksDbPurge purge_;
  int64_t next_report_ns_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_RETENTION_H_
