#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_BATCH_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_BATCH_H_

#include <cstddef>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "collector/store/keys.h"
#include "collector/store/rocksdb_engine.h"
#include "common/base/mutex.h"
#include "rocksdb/write_batch.h"

namespace callbraid::collector {

// A change of the database, made and written by one thread. Changes take it in
// turn: the next one begins when this is destroyed.
//
// (The analysis of locks cannot follow one that is a member.)
class RocksDbBatch {
 public:
  // `engine` must outlive the batch. `bytes`: how large it may become.
  explicit RocksDbBatch(RocksDbEngine& engine,
                        size_t bytes = 0) ABSL_NO_THREAD_SAFETY_ANALYSIS;

  // UNAVAILABLE if it could not be written, because an earlier one failed and
  // the disk is as it was. Putting and deleting then do nothing.
  const absl::Status& status() const { return status_; }

  void Put(Family family, std::string_view key,
           std::string_view value) ABSL_NO_THREAD_SAFETY_ANALYSIS;
  void Delete(Family family,
              std::string_view key) ABSL_NO_THREAD_SAFETY_ANALYSIS;

  // Adds `change` up with what is there (rocksdb_call_counts.h).
  void Merge(Family family, std::string_view key,
             std::string_view change) ABSL_NO_THREAD_SAFETY_ANALYSIS;

  // All keys from `begin` to before `end`.
  void DeleteRange(Family family, std::string_view begin,
                   std::string_view end) ABSL_NO_THREAD_SAFETY_ANALYSIS;

  // All or nothing. With `sync` it is on disk when this returns OK. After an
  // error it may be there all the same: make it and write it again.
  absl::Status Write(bool sync) ABSL_NO_THREAD_SAFETY_ANALYSIS;

 private:
  RocksDbEngine& engine_;
  const MutexLock lock_;
  const absl::Status status_;
  rocksdb::WriteBatch batch_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_BATCH_H_
