#include "collector/store/rocksdb_batch.h"

#include "collector/store/rocksdb_text.h"

namespace callbraid::collector {

RocksDbBatch::RocksDbBatch(RocksDbEngine& engine, size_t bytes)
    : engine_(engine),
      lock_(engine.write_mutex_),
      status_(engine.BeginWrite()),
      batch_(bytes) {}

void RocksDbBatch::Put(Family family, std::string_view key,
                       std::string_view value) {
  if (!status_.ok()) return;
  batch_.Put(engine_.for_writer_->handle(family), ToSlice(key), ToSlice(value));
}

void RocksDbBatch::Delete(Family family, std::string_view key) {
  if (!status_.ok()) return;
  batch_.Delete(engine_.for_writer_->handle(family), ToSlice(key));
}

void RocksDbBatch::Merge(Family family, std::string_view key,
                         std::string_view change) {
  if (!status_.ok()) return;
  batch_.Merge(engine_.for_writer_->handle(family), ToSlice(key),
               ToSlice(change));
}

void RocksDbBatch::DeleteRange(Family family, std::string_view begin,
                               std::string_view end) {
  if (!status_.ok()) return;
  batch_.DeleteRange(engine_.for_writer_->handle(family), ToSlice(begin),
                     ToSlice(end));
}

absl::Status RocksDbBatch::Write(bool sync) {
  return status_.ok() ? engine_.Write(batch_, sync) : status_;
}

}  // namespace callbraid::collector
