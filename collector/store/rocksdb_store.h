#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_STORE_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_STORE_H_

#include <memory>
#include <string>

#include "collector/store/rocksdb_access_store.h"
#include "collector/store/rocksdb_coordination_store.h"
#include "collector/store/rocksdb_deletion.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/rocksdb_event_log.h"
#include "collector/store/rocksdb_fact_store.h"
#include "collector/store/rocksdb_holds.h"
#include "collector/store/rocksdb_media_store.h"
#include "collector/store/rocksdb_retention.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// The Store of a collector on one machine: one RocksDB in one directory.
// Thread-safe. docs/storage.md.
class RocksDbStore final : public Store {
 public:
  // Errors as RocksDbEngine::Open(): each one line for people.
  static absl::StatusOr<std::unique_ptr<RocksDbStore>> Open(
      const std::string& dir, rocksdb::Env* env = nullptr);

  FactStore& facts() override { return facts_; }
  MediaStore& media() override { return media_; }
  CoordinationStore& coordination() override { return coordination_; }
  AccessStore& access() override { return access_; }
  absl::Status Commit(const CommitGroup& group) override;
  absl::StatusOr<std::unique_ptr<CallDeletion>> PrepareDeletion(
      const std::string& id, const Scope& scope, int64_t now_ns) override {
    return deletion_.Prepare(id, scope, now_ns);
  }
  absl::StatusOr<MediaLeft> LeftOfMedia(
      const store::v1::CallRecord& record) override {
    return media_.Left(record);
  }
  RetentionStore& retention() { return retention_; }
  // What happened to the calls of facts().
  EventLog& events() { return events_; }

 private:
  explicit RocksDbStore(std::unique_ptr<RocksDbEngine> engine);

  const std::unique_ptr<RocksDbEngine> engine_;
  RecentDeletions deletions_;
  RocksDbHolds holds_;
  RocksDbEventLog events_;
  RocksDbMediaStore media_;
  RocksDbFactStore facts_;
  RocksDbCoordinationStore coordination_;
  RocksDbAccessStore access_;
  RocksDbDeletion deletion_;
  RocksDbRetention retention_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_STORE_H_
