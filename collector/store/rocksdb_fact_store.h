#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_FACT_STORE_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_FACT_STORE_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "collector/store/rocksdb_batch.h"
#include "collector/store/rocksdb_call_counts.h"
#include "collector/store/rocksdb_calls.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/rocksdb_event_log.h"
#include "collector/store/rocksdb_holds.h"
#include "collector/store/rocksdb_media_store.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// Facts and calls in RocksDB.
class RocksDbFactStore final : public FactStore {
 public:
  // References must outlive it.
  RocksDbFactStore(RocksDbEngine& engine, RocksDbEventLog& log,
                   RocksDbHolds& holds, const RocksDbMediaStore& media,
                   const RecentDeletions& deletions)
      : engine_(engine),
        holds_(holds),
        calls_(engine, holds, media),
        log_(log),
        deletions_(deletions) {}

  // Finds the number of the last commit, and whether anything was ever deleted
  // on order. Before anything else.
  absl::Status Load();

  absl::StatusOr<StoredObservation> GetObservation(
      const ObservationId& id) override;
  absl::StatusOr<std::vector<v1::DtlsSrtp>> GetDtlsSrtp(
      const ObservationId& id) override;
  absl::StatusOr<StoredObservation> GetCommitted(
      const ObservationId& id) override;
  uint64_t LastCommit() override { return last_commit_.load(); }
  absl::StatusOr<std::vector<ObservationId>> FindByToken(Token token,
                                                         int64_t from_ns,
                                                         int64_t to_ns,
                                                         size_t limit) override;
  absl::StatusOr<std::vector<ObservationId>> Unsettled() override;
  absl::Status ApplyCalls(const CallChange& change) override;
  absl::StatusOr<store::v1::CallRecord> SetHold(
      const std::string& id, const Scope& scope,
      const std::optional<v1::CallHold>& hold) override;
  const RecentDeletions& deletions() const override { return deletions_; }
  absl::StatusOr<bool> WasDeleted(const ObservationId& id,
                                  int64_t time_ns) override;
  absl::StatusOr<bool> WasDeleted(Token token, int64_t time_ns) override;
  absl::StatusOr<store::v1::CallRecord> GetCall(const std::string& id,
                                                const Scope& scope) override;
  absl::StatusOr<store::v1::CallRecord> Annotate(
      const v1::AnnotateCallRequest& request, const std::string& user,
      const Scope& scope) override;
  absl::StatusOr<CallPage> ListCalls(const v1::ListCallsRequest& request,
                                     const Scope& scope) override;
  absl::Status VisitCounts(int64_t from_ns, int64_t before_ns,
                           const VisitCount& visit) override {
    return RocksDbCallCounts(engine_).Visit(from_ns, before_ns, visit);
  }

  // Adds to the commit that will have the number LastCommit() + 1. One commit
  // at a time.
  absl::Status Put(const CommitGroup& group, RocksDbBatch& batch);
  // That commit was written.
  void Committed() { ++last_commit_; }

  const RocksDbCalls& calls() const { return calls_; }
  // From now on there may be some.
  void LookForTombstones() { has_tombstones_ = true; }

 private:
  absl::StatusOr<bool> IsBuried(const std::string& key, int64_t time_ns) const;
  // ABORTED if the change would bring back what was deleted since it was read.
  absl::Status CheckDeletions(const CallChange& change) const;

  RocksDbEngine& engine_;
  RocksDbHolds& holds_;
  RocksDbCalls calls_;
  RocksDbEventLog& log_;
  const RecentDeletions& deletions_;
  // Spares ingest the look where nobody ever deleted anything.
  std::atomic<bool> has_tombstones_ = false;
  std::atomic<uint64_t> last_commit_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_FACT_STORE_H_
