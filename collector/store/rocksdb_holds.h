#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_HOLDS_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_HOLDS_H_

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
                      RocksDbBatch& batch) const;

 private:
  RocksDbEngine& engine_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_HOLDS_H_
