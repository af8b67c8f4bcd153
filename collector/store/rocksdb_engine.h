#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_ENGINE_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_ENGINE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/store/keys.h"
#include "collector/store/rocksdb_database.h"
#include "collector/store/rocksdb_text.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/write_batch.h"

namespace callbraid::collector {

// A RocksDB with our column families: reading, writing, errors. What is in them
// is the business of the stores. Thread-safe.
class RocksDbEngine {
 public:
  // As RocksDbDatabase::Open().
  static absl::StatusOr<std::unique_ptr<RocksDbEngine>> Open(
      const std::string& dir, rocksdb::Env* env = nullptr);

  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return database_->handle(family);
  }

  // Nullopt if there is no such key.
  absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                 std::string_view key) const;

  // All or nothing. With `sync` it is on disk when this returns OK. After an
  // error of the disk RocksDB refuses to write; this asks it to go on, so the
  // first write that finds space again succeeds.
  absl::Status Write(rocksdb::WriteBatch& batch, bool sync);

  // Over the whole family from its first key on, unless sought elsewhere;
  // `tokens` only within the token that was sought.
  std::unique_ptr<rocksdb::Iterator> NewIterator(Family family) const;

  // UNAVAILABLE, DATA_LOSS or INTERNAL, in one line.
  absl::Status ToStatus(const rocksdb::Status& status) const;
  absl::Status Damaged(Family family) const;

 private:
  RocksDbEngine(std::string dir, std::unique_ptr<RocksDbDatabase> database);

  const std::string dir_;
  const std::unique_ptr<RocksDbDatabase> database_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_ENGINE_H_
