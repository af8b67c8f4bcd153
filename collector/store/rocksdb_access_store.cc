#include "collector/store/rocksdb_access_store.h"

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "collector/store/rocksdb_batch.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

}  // namespace

absl::Status RocksDbAccessStore::WriteAccess(const AccessChange& change) {
  RocksDbBatch batch(engine_);
  RETURN_IF_ERROR(batch.status());
  for (const store::v1::TokenRecord& record : change.tokens) {
    batch.Put(Family::kDefault, EncodeAccessTokenKey(record.hash()),
              record.SerializeAsString());
  }
  for (const std::string& hash : change.removed_tokens) {
    batch.Delete(Family::kDefault, EncodeAccessTokenKey(hash));
  }
  for (const store::v1::UserRecord& record : change.users) {
    batch.Put(Family::kDefault, EncodeUserKey(record.user().name()),
              record.SerializeAsString());
  }
  for (const std::string& name : change.removed_users) {
    batch.Delete(Family::kDefault, EncodeUserKey(name));
  }
  for (const store::v1::SensorRecord& record : change.sensors) {
    batch.Put(Family::kDefault, EncodeSensorRecordKey(record.id()),
              record.SerializeAsString());
  }
  if (change.cut_before > 0) {
    const std::string end = EncodeAuditKey(change.cut_before);
    const auto iterator = engine_.NewIterator(Family::kDefault);
    for (iterator->Seek(EncodeAuditKey(0));
         iterator->Valid() && ToView(iterator->key()) < end; iterator->Next()) {
      batch.Delete(Family::kDefault, ToView(iterator->key()));
    }
    RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  }
  if (!change.seal_key.empty()) {
    batch.Put(Family::kDefault, kSealKey, change.seal_key);
  }
  for (const v1::AuditEntry& entry : change.entries) {
    batch.Put(Family::kDefault, EncodeAuditKey(entry.sequence()),
              entry.SerializeAsString());
  }
  return batch.Write(/*sync=*/true);
}

absl::StatusOr<std::string> RocksDbAccessStore::ReadSealKey() {
  ASSIGN_OR_RETURN(std::optional<std::string> key,
                   engine_.Get(Family::kDefault, kSealKey));
  return std::move(key).value_or("");
}

template <typename Record>
absl::StatusOr<std::vector<Record>> RocksDbAccessStore::ListAll(
    std::string_view prefix) {
  std::vector<Record> records;
  const auto iterator = engine_.NewIterator(Family::kDefault);
  for (iterator->Seek(ToSlice(prefix));
       iterator->Valid() && StartsWith(ToView(iterator->key()), prefix);
       iterator->Next()) {
    const rocksdb::Slice value = iterator->value();
    if (!records.emplace_back().ParseFromArray(
            value.data(), static_cast<int>(value.size()))) {
      return engine_.Damaged(Family::kDefault);
    }
  }
  RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  return records;
}

absl::StatusOr<std::vector<store::v1::TokenRecord>>
RocksDbAccessStore::ListTokens() {
  return ListAll<store::v1::TokenRecord>(kAccessTokenPrefix);
}

absl::StatusOr<std::vector<store::v1::UserRecord>>
RocksDbAccessStore::ListUsers() {
  return ListAll<store::v1::UserRecord>(kUserPrefix);
}

absl::StatusOr<std::vector<store::v1::SensorRecord>>
RocksDbAccessStore::ListSensorRecords() {
  return ListAll<store::v1::SensorRecord>(kSensorRecordPrefix);
}

absl::Status RocksDbAccessStore::ReadAudit(
    uint64_t from, bool newest_first,
    const std::function<bool(v1::AuditEntry)>& visit) {
  const auto iterator = engine_.NewIterator(Family::kDefault);
  const std::string key = EncodeAuditKey(from);
  newest_first ? iterator->SeekForPrev(key) : iterator->Seek(key);
  while (iterator->Valid() &&
         StartsWith(ToView(iterator->key()), kAuditPrefix)) {
    const rocksdb::Slice value = iterator->value();
    v1::AuditEntry entry;
    if (!entry.ParseFromArray(value.data(), static_cast<int>(value.size()))) {
      return engine_.Damaged(Family::kDefault);
    }
    if (!visit(std::move(entry))) return absl::OkStatus();
    newest_first ? iterator->Prev() : iterator->Next();
  }
  return engine_.ToStatus(iterator->status());
}

}  // namespace callbraid::collector
