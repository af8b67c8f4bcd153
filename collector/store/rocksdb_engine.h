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
  // `tokens` only within the token that was sought, unless `whole`. Holds the
  // database open: to be let go soon.
  std::unique_ptr<rocksdb::Iterator> NewIterator(Family family,
                                                 bool whole = false) const;

  // What was deleted lies in tables and logs still. These take it off the disk,
  // while all else goes on; each may take long. From one thread.
  //
  // Writes all that is in memory to tables, so that no log is needed any more.
  absl::Status Flush();
  // Deletes tables that have nothing but keys from `begin` to before `end`, all
  // of which must have been deleted.
  absl::Status DropTables(Family family, std::string_view begin,
                          std::string_view end);
  // Writes the tables anew that have any of these keys.
  absl::Status Rewrite(Family family, std::string_view begin,
                       std::string_view end);
  // Opens the database anew: RocksDB's list of its tables (MANIFEST) keeps the
  // first and last key of each that there was, until then. Readers and writers
  // wait. UNAVAILABLE if some are at work; try again.
  absl::Status Renew() ABSL_LOCKS_EXCLUDED(write_mutex_, mutex_);
  // Ends what these wait for, for good.
  void StopRewriting() { *stop_rewriting_ = true; }

  // Bytes of all tables.
  uint64_t TableBytes() const;
  // About how many bytes of tables lie between `begin` and `end`.
  absl::StatusOr<uint64_t> ApproximateBytes(Family family,
                                            std::string_view begin,
                                            std::string_view end) const;
  // The first key of any table, without looking into one: it may be deleted.
  // NOT_FOUND if there is no table.
  absl::StatusOr<std::string> FirstKeyOfTables(Family family) const;
  const std::string& dir() const { return dir_; }

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
  // Waits while it is renewed.
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
  // It was closed, or is renewed.
  mutable CondVar closed_;
  std::shared_ptr<const RocksDbDatabase> database_ ABSL_GUARDED_BY(mutex_);
  // From Offer() until the last who has it lets go.
  bool open_ ABSL_GUARDED_BY(mutex_) = false;
  bool renewing_ ABSL_GUARDED_BY(mutex_) = false;
  // RocksDB asks by pointer.
  const std::unique_ptr<std::atomic<bool>> stop_rewriting_ =
      std::make_unique<std::atomic<bool>>(false);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_ENGINE_H_
