#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_HOLDS_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_HOLDS_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/v1/call.pb.h"
#include "collector/store/rocksdb_batch.h"
#include "collector/store/rocksdb_engine.h"

namespace callbraid::collector {

// Which calls are on legal hold, in RocksDB. Thread-safe.
class RocksDbHolds {
 public:
  explicit RocksDbHolds(RocksDbEngine& engine) : engine_(engine) {}

  // How often a hold was set, released, or came to cover more. Within a change
  // of the database nothing adds to it but that change.
  uint64_t changes() const { return changes_; }
  // In a change of calls: puts a hold, or none, in the place of that of `call`.
  void Set(const ObservationId& call, const std::optional<v1::CallHold>& hold,
           RocksDbBatch& batch);

  // Nullopt: it is not on hold. A hold that is damaged is one.
  absl::StatusOr<std::optional<v1::CallHold>> Get(
      const ObservationId& call) const;
  // To `call`, if it is on hold.
  absl::Status AddTo(const ObservationId& id, v1::Call& call) const;
  absl::StatusOr<std::vector<ObservationId>> List() const;

  // Adds to a change of calls: the hold of `old`, if it has one, is that of
  // every call in `now`, too.
  absl::Status Spread(const ObservationId& old,
                      const std::vector<ObservationId>& now,
                      RocksDbBatch& batch);

 private:
  RocksDbEngine& engine_;
  std::atomic<uint64_t> changes_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_HOLDS_H_
