#include "collector/store/rocksdb_takeover.h"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/store/call_counts.h"
#include "collector/store/rocksdb_text.h"
#include "common/base/log.h"
#include "rocksdb/iterator.h"
#include "rocksdb/write_batch.h"

namespace callbraid::collector {
namespace {

// Who waits for the collector to listen is to see that it is at work.
constexpr absl::Duration kTellEvery = absl::Seconds(10);

// Rows that are added up before they are written: some hundred bytes each.
constexpr size_t kMaxRows = 10'000;

using Rows = std::map<CallCountKey, store::v1::CallCounts>;

rocksdb::Status Write(const RocksDbDatabase& database, Rows& rows) {
  rocksdb::WriteBatch batch;
  for (const auto& [key, counts] : rows) {
    const rocksdb::Status merged =
        batch.Merge(database.handle(Family::kCallCounts),
                    EncodeCallCountKey(key), counts.SerializeAsString());
    if (!merged.ok()) return merged;
  }
  rows.clear();
  return database.db().Write(rocksdb::WriteOptions(), &batch);
}

// What an earlier attempt left.
rocksdb::Status Clear(const RocksDbDatabase& database) {
  rocksdb::ColumnFamilyHandle* const family =
      database.handle(Family::kCallCounts);
  const std::unique_ptr<rocksdb::Iterator> iterator(
      database.db().NewIterator(rocksdb::ReadOptions(), family));
  for (iterator->SeekToFirst(); iterator->Valid(); iterator->Next()) {
    const rocksdb::Status deleted =
        database.db().Delete(rocksdb::WriteOptions(), family, iterator->key());
    if (!deleted.ok()) return deleted;
  }
  return iterator->status();
}

}  // namespace

rocksdb::Status CountStoredCalls(const RocksDbDatabase& database,
                                 const std::string& dir) {
  spdlog::info(
      "data directory {}: written by an older Callbraid; counting its calls, "
      "once",
      dir);
  if (const rocksdb::Status cleared = Clear(database); !cleared.ok()) {
    return cleared;
  }
  rocksdb::ReadOptions once;
  once.fill_cache = false;
  once.readahead_size = size_t{2} << 20;
  const std::unique_ptr<rocksdb::Iterator> iterator(
      database.db().NewIterator(once, database.handle(Family::kCalls)));
  Rows rows;
  uint64_t calls = 0;
  uint64_t unread = 0;
  absl::Time tell = absl::Now() + kTellEvery;
  store::v1::CallRecord record;
  std::string reached;
  iterator->SeekToFirst();
  while (true) {
    for (; iterator->Valid(); iterator->Next()) {
      const rocksdb::Slice value = iterator->value();
      reached = iterator->key().ToString();
      if (!record.ParseFromArray(value.data(),
                                 static_cast<int>(value.size()))) {
        ++unread;
        continue;
      }
      ++calls;
      if (absl::Now() >= tell) {
        tell = absl::Now() + kTellEvery;
        spdlog::info("data directory {}: counted {} calls so far", dir, calls);
      }
      AddCounts(CountsOf(record.call()), 1, rows[CountedAs(record.call())]);
      if (rows.size() < kMaxRows) continue;
      const rocksdb::Status written = Write(database, rows);
      if (!written.ok()) return written;
    }
    if (iterator->status().ok()) break;
    if (!iterator->status().IsCorruption()) return iterator->status();
    ++unread;
    reached = NextPartOfIds(reached);
    if (reached.empty()) break;
    iterator->Seek(reached);
  }
  const rocksdb::Status written = Write(database, rows);
  if (!written.ok()) return written;
  if (unread > 0) {
    spdlog::error(
        "data directory {}: damaged in {} places among its calls, which are "
        "not counted",
        dir, unread);
  }
  spdlog::info("data directory {}: counted {} calls", dir, calls);
  return rocksdb::Status::OK();
}

}  // namespace callbraid::collector
