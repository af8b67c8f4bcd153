#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_CALL_COUNTS_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_CALL_COUNTS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "callbraid/v1/call.pb.h"
#include "collector/store/rocksdb_batch.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/store.h"
#include "rocksdb/options.h"

namespace callbraid::collector {

// How many calls there are, kept with every change of a call, in its batch: so
// it is as durable as the call, and right after a crash. Thread-safe.
//
// A change is written without reading what it changes: RocksDB adds changes up
// when it reads or rewrites a row. A row that cannot be read so stops no call;
// who asks for it is told DATA_LOSS.
class RocksDbCallCounts {
 public:
  // `engine` must outlive it.
  explicit RocksDbCallCounts(RocksDbEngine& engine) : engine_(engine) {}

  // Counts `now` in the place of `before`, as they are (were) stored. Null:
  // there is (was) no such call.
  static void Put(const v1::Call* before, const v1::Call* now,
                  RocksDbBatch& batch);

  // As FactStore::VisitCounts().
  absl::Status Visit(int64_t from_ns, int64_t before_ns,
                     const FactStore::VisitCount& visit) const;

 private:
  RocksDbEngine& engine_;
};

// What a family of counts needs: how changes are added up, and that rows of no
// calls go when tables are rewritten.
void SetCountOptions(rocksdb::ColumnFamilyOptions& options);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_CALL_COUNTS_H_
