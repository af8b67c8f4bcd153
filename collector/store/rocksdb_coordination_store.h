#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_COORDINATION_STORE_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_COORDINATION_STORE_H_

#include <string>
#include <vector>

#include "collector/store/rocksdb_batch.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// Sensors and watermarks in RocksDB.
class RocksDbCoordinationStore final : public CoordinationStore {
 public:
  explicit RocksDbCoordinationStore(RocksDbEngine& engine) : engine_(engine) {}

  absl::StatusOr<uint64_t> GetWatermark(const std::string& sensor,
                                        uint64_t spool_id) override;
  absl::StatusOr<v1::Sensor> GetSensor(const std::string& id) override;
  absl::StatusOr<std::vector<v1::Sensor>> ListSensors() override;

  // Adds to a commit. One commit at a time.
  absl::Status Put(const CommitGroup& group, RocksDbBatch& batch);

 private:
  RocksDbEngine& engine_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_COORDINATION_STORE_H_
