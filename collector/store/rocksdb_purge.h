#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_PURGE_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_PURGE_H_

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/store/v1/deletion.pb.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/rocksdb_event_log.h"

namespace callbraid::collector {

// Takes the bytes of what was deleted on order off the disk. What is to be done
// is in the database, so that a restart goes on with it. One thread.
//
// A deletion in RocksDB is one more entry; what it hides stays in its tables
// until they are written anew, in the log until all families were flushed, and
// the keys at either end of a table in the list of tables until the database is
// opened.
class RocksDbPurge {
 public:
  // References must outlive it.
  RocksDbPurge(RocksDbEngine& engine, RocksDbEventLog& log)
      : engine_(engine), log_(log) {}

  // As RetentionStore::Purge().
  absl::Status Run(const std::function<void()>& between);

 private:
  struct Due {
    std::string key;
    store::v1::Purge purge;
  };
  absl::StatusOr<std::vector<Due>> List() const;
  absl::Status RewriteFrames(Family family, const std::vector<Due>& due,
                             const std::function<void()>& between);
  // What is filed by the time of calls, by numbers, or in the log.
  absl::Status RewriteCalls(const std::vector<Due>& due,
                            const std::function<void()>& between);
  absl::Status RewriteIds(Family family, const std::set<std::string>& ids,
                          const std::function<void()>& between);

  RocksDbEngine& engine_;
  RocksDbEventLog& log_;
  // Since then the list of tables names what was deleted.
  bool to_renew_ = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_PURGE_H_
