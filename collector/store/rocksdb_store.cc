#include "collector/store/rocksdb_store.h"

#include <utility>

#include "collector/store/rocksdb_batch.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {

RocksDbStore::RocksDbStore(std::unique_ptr<RocksDbEngine> engine)
    : engine_(std::move(engine)),
      events_(*engine_),
      facts_(*engine_, events_),
      media_(*engine_),
      coordination_(*engine_),
      access_(*engine_) {}

absl::StatusOr<std::unique_ptr<RocksDbStore>> RocksDbStore::Open(
    const std::string& dir, rocksdb::Env* env) {
  ASSIGN_OR_RETURN(std::unique_ptr<RocksDbEngine> engine,
                   RocksDbEngine::Open(dir, env));
  std::unique_ptr<RocksDbStore> store(new RocksDbStore(std::move(engine)));
  RETURN_IF_ERROR(store->facts_.Load());
  return store;
}

absl::Status RocksDbStore::Commit(const CommitGroup& group) {
  size_t bytes = 0;
  for (const FrameRecord& frame : group.frames) {
    bytes += frame.frame.size() + 64;
  }
  RocksDbBatch batch(*engine_, bytes + 256 * group.observations.size());
  RETURN_IF_ERROR(batch.status());
  for (const FrameRecord& frame : group.frames) media_.Put(frame, batch);
  RETURN_IF_ERROR(facts_.Put(group, batch));
  RETURN_IF_ERROR(coordination_.Put(group, batch));
  RETURN_IF_ERROR(batch.Write(/*sync=*/true));
  facts_.Committed();
  return absl::OkStatus();
}

}  // namespace callbraid::collector
