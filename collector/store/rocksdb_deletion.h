#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_DELETION_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_DELETION_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/store/rocksdb_batch.h"
#include "collector/store/rocksdb_call_parts.h"
#include "collector/store/rocksdb_calls.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/rocksdb_event_log.h"
#include "collector/store/rocksdb_fact_store.h"
#include "collector/store/rocksdb_held_parts.h"
#include "collector/store/rocksdb_holds.h"
#include "collector/store/rocksdb_media_store.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// Removes calls from a RocksDB, each in one write. Thread-safe, but for
// Expire() and ExpireMedia(): one thread.
//
// What a call is made of is looked for before the write begins, so that ingest
// does not wait for that; what has changed by then makes it fail. Within the
// write only the buckets of its frames are sought: some 10 us each.
class RocksDbDeletion {
 public:
  // References must outlive it.
  RocksDbDeletion(RocksDbEngine& engine, RocksDbFactStore& facts,
                  RocksDbMediaStore& media, const RocksDbHolds& holds,
                  RocksDbEventLog& log, RecentDeletions& recent)
      : engine_(engine),
        facts_(facts),
        media_(media),
        holds_(holds),
        log_(log),
        recent_(recent),
        parts_(facts),
        held_(engine, facts, holds) {}

  // As Store::PrepareDeletion(): on order.
  absl::StatusOr<std::unique_ptr<CallDeletion>> Prepare(const std::string& id,
                                                        const Scope& scope,
                                                        int64_t now_ns);

  // The same because its time has come: nobody is told, and if it is delivered
  // again it goes again. What a call on hold has as well stays. NOT_FOUND,
  // FAILED_PRECONDITION as above.
  absl::Status Expire(const ObservationId& call, int64_t now_ns);
  // Whether the call is in progress, or more of it is expected.
  absl::StatusOr<bool> IsOpen(const ObservationId& call, int64_t now_ns);
  // The media alone; false if there are none.
  absl::StatusOr<bool> ExpireMedia(const ObservationId& call, int64_t now_ns);

 private:
  enum class Why { kOrder, kAge };
  struct Plan {
    Why why = Why::kOrder;
    ObservationId call;
    store::v1::CallRecord record;
    // FactStore::LastCommit() from before it was made.
    uint64_t read_at = 0;
    std::vector<CallPart> doomed;
  };
  class Ordered;
  // Buckets that had frames.
  struct Touched;
  // By key: what was captured from when until when.
  using Tombstones = std::map<std::string, std::pair<int64_t, int64_t>>;

  absl::StatusOr<Plan> MakePlan(Why why, const std::string& id,
                                const Scope& scope, int64_t now_ns);
  // Leaves out what a call on hold has as well.
  absl::Status Spare(Plan& plan, int64_t now_ns);
  absl::StatusOr<uint64_t> CountFrames(const Plan& plan);
  // Whether the call may go, under the lock of writing.
  absl::Status Check(const Plan& plan);
  absl::Status Write(const Plan& plan, int64_t now_ns);
  absl::Status PutMedia(Why why, const CallPart& doomed, RocksDbBatch& batch,
                        Touched& touched) const;
  static void PutFacts(const CallPart& doomed, RocksDbBatch& batch);
  static void AddTombstones(const CallPart& doomed, Tombstones& tombstones);
  static void PutTombstones(const Plan& plan, int64_t now_ns,
                            RocksDbBatch& batch);
  static void PutPurge(const Plan& plan, const Touched& touched, int64_t now_ns,
                       RocksDbBatch& batch);

  RocksDbEngine& engine_;
  RocksDbFactStore& facts_;
  RocksDbMediaStore& media_;
  const RocksDbHolds& holds_;
  RocksDbEventLog& log_;
  RecentDeletions& recent_;
  const RocksDbCallParts parts_;
  // For what goes by age.
  RocksDbHeldParts held_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_DELETION_H_
