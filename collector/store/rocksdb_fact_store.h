#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_FACT_STORE_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_FACT_STORE_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "collector/store/rocksdb_batch.h"
#include "collector/store/rocksdb_calls.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/rocksdb_event_log.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// Facts and calls in RocksDB.
class RocksDbFactStore final : public FactStore {
 public:
  RocksDbFactStore(RocksDbEngine& engine, RocksDbEventLog& log)
      : engine_(engine), calls_(engine), log_(log) {}

  // Finds the number of the last commit. Before anything else.
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
  absl::StatusOr<store::v1::CallRecord> GetCall(const std::string& id,
                                                const Scope& scope) override;
  absl::StatusOr<store::v1::CallRecord> Annotate(
      const v1::AnnotateCallRequest& request, const std::string& user,
      const Scope& scope) override;
  absl::StatusOr<CallPage> ListCalls(const v1::ListCallsRequest& request,
                                     const Scope& scope) override;

  // Adds to the commit that will have the number LastCommit() + 1. One commit
  // at a time.
  absl::Status Put(const CommitGroup& group, RocksDbBatch& batch);
  // That commit was written.
  void Committed() { ++last_commit_; }

 private:
  RocksDbEngine& engine_;
  RocksDbCalls calls_;
  RocksDbEventLog& log_;
  std::atomic<uint64_t> last_commit_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_FACT_STORE_H_
