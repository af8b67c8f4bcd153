#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_DATABASE_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_DATABASE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/store/keys.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"

namespace callbraid::collector {

// A RocksDB with our column families, open for as long as this lives.
class RocksDbDatabase {
 public:
  // Creates `dir` if there is none. `env` (null: the machine's) must outlive
  // the database. Every error is one line that says what to do:
  // PERMISSION_DENIED (directory not writable), FAILED_PRECONDITION (in use by
  // another collector; written by a newer one; not ours), DATA_LOSS (damaged),
  // UNAVAILABLE (disk full).
  static absl::StatusOr<std::unique_ptr<RocksDbDatabase>> Open(
      const std::string& dir, rocksdb::Env* env);
  ~RocksDbDatabase();

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<size_t>(family)];
  }

 private:
  RocksDbDatabase(rocksdb::DB* db,
                  std::vector<rocksdb::ColumnFamilyHandle*> handles);

  const std::unique_ptr<rocksdb::DB> db_;
  // By Family; owned by db_, closed before it.
  const std::vector<rocksdb::ColumnFamilyHandle*> handles_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_DATABASE_H_
