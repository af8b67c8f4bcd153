#include "collector/store/rocksdb_engine.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {

RocksDbEngine::RocksDbEngine(std::string dir,
                             std::unique_ptr<RocksDbDatabase> database)
    : dir_(std::move(dir)), database_(std::move(database)) {}

absl::StatusOr<std::unique_ptr<RocksDbEngine>> RocksDbEngine::Open(
    const std::string& dir, rocksdb::Env* env) {
  ASSIGN_OR_RETURN(std::unique_ptr<RocksDbDatabase> database,
                   RocksDbDatabase::Open(dir, env));
  return std::unique_ptr<RocksDbEngine>(
      new RocksDbEngine(dir, std::move(database)));
}

absl::StatusOr<std::optional<std::string>> RocksDbEngine::Get(
    Family family, std::string_view key) const {
  std::string value;
  const auto status = database_->db().Get(rocksdb::ReadOptions(),
                                          handle(family), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return ToStatus(status);
  return std::optional<std::string>(std::move(value));
}

absl::Status RocksDbEngine::Write(rocksdb::WriteBatch& batch, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  rocksdb::Status status = database_->db().Write(options, &batch);
  if (status.IsIOError() && database_->db().Resume().ok()) {
    status = database_->db().Write(options, &batch);
  }
  return status.ok() ? absl::OkStatus() : ToStatus(status);
}

std::unique_ptr<rocksdb::Iterator> RocksDbEngine::NewIterator(
    Family family) const {
  rocksdb::ReadOptions options;
  options.prefix_same_as_start = family == Family::kTokens;
  return std::unique_ptr<rocksdb::Iterator>(
      database_->db().NewIterator(options, handle(family)));
}

absl::Status RocksDbEngine::ToStatus(const rocksdb::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  const std::string text =
      absl::StrCat("data directory ", dir_, ": ", OneLine(status));
  if (status.IsCorruption()) return absl::DataLossError(text);
  if (status.IsIOError() || status.IsBusy() || status.IsIncomplete() ||
      status.IsTryAgain() || status.IsShutdownInProgress()) {
    return absl::UnavailableError(text);
  }
  return absl::InternalError(text);
}

absl::Status RocksDbEngine::Damaged(Family family) const {
  return absl::DataLossError(
      absl::StrCat("data directory ", dir_, ": damaged entry in ",
                   kFamilyNames[static_cast<size_t>(family)]));
}

}  // namespace callbraid::collector
