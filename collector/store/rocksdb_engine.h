#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_ENGINE_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_ENGINE_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/store/keys.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/write_batch.h"

namespace callbraid::collector {

// Adapters to rocksdb::Slice.
inline rocksdb::Slice ToSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
inline std::string_view ToView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// A RocksDB with our column families: opening, options, errors. What is in them
// is the business of the stores. Thread-safe.
class RocksDbEngine {
 public:
  // Creates `dir` if there is none. `env` (null: the machine's) must outlive
  // the engine. Every error is one line that says what to do:
  // PERMISSION_DENIED (directory not writable), FAILED_PRECONDITION (in use by
  // another collector; written by a newer one; not ours), DATA_LOSS (damaged),
  // UNAVAILABLE (disk full).
  static absl::StatusOr<std::unique_ptr<RocksDbEngine>> Open(
      const std::string& dir, rocksdb::Env* env = nullptr);
  ~RocksDbEngine();

  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<size_t>(family)];
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
  RocksDbEngine(std::string dir, rocksdb::DB* db,
                std::vector<rocksdb::ColumnFamilyHandle*> handles);

  const std::string dir_;
  const std::unique_ptr<rocksdb::DB> db_;
  // By Family; owned by db_, closed before it.
  const std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_ENGINE_H_
