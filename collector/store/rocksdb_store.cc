#include "collector/store/rocksdb_store.h"

#include <optional>
#include <utility>

#include "collector/store/rocksdb_batch.h"
#include "collector/store/without_deleted.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {

RocksDbStore::RocksDbStore(std::unique_ptr<RocksDbEngine> engine)
    : engine_(std::move(engine)),
      holds_(*engine_),
      events_(*engine_),
      media_(*engine_),
      facts_(*engine_, events_, holds_, media_, deletions_),
      coordination_(*engine_),
      access_(*engine_),
      deletion_(*engine_, facts_, media_, holds_, events_, deletions_),
      retention_(*engine_, facts_, media_, holds_, events_, deletion_,
                 deletions_) {}

absl::StatusOr<std::unique_ptr<RocksDbStore>> RocksDbStore::Open(
    const std::string& dir, rocksdb::Env* env) {
  ASSIGN_OR_RETURN(std::unique_ptr<RocksDbEngine> engine,
                   RocksDbEngine::Open(dir, env));
  std::unique_ptr<RocksDbStore> store(new RocksDbStore(std::move(engine)));
  RETURN_IF_ERROR(store->facts_.Load());
  RETURN_IF_ERROR(store->media_.Load());
  return store;
}

absl::Status RocksDbStore::Commit(const CommitGroup& whole) {
  size_t bytes = 0;
  for (const FrameRecord& frame : whole.frames) {
    bytes += frame.frame.size() + 64;
  }
  RocksDbBatch batch(*engine_, bytes + 256 * whole.observations.size());
  RETURN_IF_ERROR(batch.status());
  const std::optional<CommitGroup> rest = WithoutDeleted(whole, deletions_);
  const CommitGroup& group = rest ? *rest : whole;
  for (const FrameRecord& frame : group.frames) media_.Put(frame, batch);
  RETURN_IF_ERROR(facts_.Put(group, batch));
  RETURN_IF_ERROR(coordination_.Put(group, batch));
  RETURN_IF_ERROR(batch.Write(/*sync=*/true));
  facts_.Committed();
  return absl::OkStatus();
}

}  // namespace callbraid::collector
