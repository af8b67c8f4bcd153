#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_ACCESS_STORE_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_ACCESS_STORE_H_

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "collector/store/access_store.h"
#include "collector/store/rocksdb_engine.h"

namespace callbraid::collector {

// Tokens, records of sensors and audit log in RocksDB.
class RocksDbAccessStore final : public AccessStore {
 public:
  explicit RocksDbAccessStore(RocksDbEngine& engine) : engine_(engine) {}

  absl::Status WriteAccess(const AccessChange& change) override;
  absl::StatusOr<std::string> ReadSealKey() override;
  absl::StatusOr<std::vector<store::v1::TokenRecord>> ListTokens() override;
  absl::StatusOr<std::vector<store::v1::UserRecord>> ListUsers() override;
  absl::StatusOr<std::vector<store::v1::SensorRecord>> ListSensorRecords()
      override;
  absl::Status ReadAudit(
      uint64_t from, bool newest_first,
      const std::function<bool(v1::AuditEntry)>& visit) override;

 private:
  // All values whose keys begin with `prefix`, in the order of the keys.
  template <typename Record>
  absl::StatusOr<std::vector<Record>> ListAll(std::string_view prefix);

  RocksDbEngine& engine_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_ACCESS_STORE_H_
