#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_ENGINE_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_ENGINE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/store/keys.h"
#include "collector/store/rocksdb_database.h"
#include "collector/store/rocksdb_text.h"
#include "common/base/mutex.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/write_batch.h"

namespace callbraid::collector {

// A RocksDB with our column families: reading, errors; a RocksDbBatch writes.
// What is in them is the business of the stores. Thread-safe.
//
// When the disk fails a write, most often because it is full, RocksDB takes no
// other one: what it has in memory and on disk may differ. The way back is the
// one of a restart: as soon as the disk takes data again, the engine closes the
// database and opens it anew, from its log
// (docs/decisions/0004-reopen-after-a-full-disk.md). Until then it can be read;
// while it is closed, a moment, readers get UNAVAILABLE.
class RocksDbEngine {
 public:
  // As RocksDbDatabase::Open().
  static absl::StatusOr<std::unique_ptr<RocksDbEngine>> Open(
      const std::string& dir, rocksdb::Env* env = nullptr);
  ~RocksDbEngine();

  // Nullopt if there is no such key.
  absl::StatusOr<std::optional<std::string>> Get(Family family,
                                                 std::string_view key) const;

  // The same for whoever goes on without it, and perhaps writes it anew: an
  // entry that is damaged is as none. It was reported.
  absl::StatusOr<std::optional<std::string>> GetUnlessDamaged(
      Family family, std::string_view key) const;

  // Over the whole family from its first key on, unless sought elsewhere;
  // `tokens` only within the token that was sought. Holds the database open: to
  // be let go soon.
  std::unique_ptr<rocksdb::Iterator> NewIterator(Family family) const;

  // UNAVAILABLE, DATA_LOSS or INTERNAL, in one line. DATA_LOSS is logged, too,
  // at most once a minute: whoever meets it may be no one who can tell a
  // person.
  absl::Status ToStatus(const rocksdb::Status& status) const;
  absl::Status Damaged(Family family) const;

 private:
  friend class RocksDbBatch;

  RocksDbEngine(std::string dir, rocksdb::Env* env,
                std::unique_ptr<RocksDbDatabase> database);

  // Before a batch is made: UNAVAILABLE if it could not be written.
  absl::Status BeginWrite() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::Status Write(rocksdb::WriteBatch& batch, bool sync)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);

  // Null while the database is closed. Whoever has it keeps it open.
  std::shared_ptr<const RocksDbDatabase> Lease() const
      ABSL_LOCKS_EXCLUDED(mutex_);
  void Offer(std::unique_ptr<RocksDbDatabase> database)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_) ABSL_LOCKS_EXCLUDED(mutex_);
  // False if a reader still has it; to be called again.
  bool Close() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_)
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether the disk takes as much as opening the database will write.
  rocksdb::Status ProbeDisk() const;

  absl::Status ReportLoss(absl::Status loss) const;

  const std::string dir_;
  rocksdb::Env* const env_;
  mutable std::atomic<uint64_t> losses_ = 0;
  mutable std::atomic<int64_t> next_report_s_ = 0;

  // Of one batch after the other. Before mutex_.
  Mutex write_mutex_;
  // What it is made with; null while the database is closed.
  const RocksDbDatabase* for_writer_ ABSL_GUARDED_BY(write_mutex_) = nullptr;
  // Why RocksDB takes no more writes; OK while it does.
  absl::Status failure_ ABSL_GUARDED_BY(write_mutex_);

  mutable Mutex mutex_;
  CondVar closed_;
  std::shared_ptr<const RocksDbDatabase> database_ ABSL_GUARDED_BY(mutex_);
  // From Offer() until the last who has it lets go.
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_ENGINE_H_
