#include "collector/store/rocksdb_engine.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/store/rocksdb_options.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// RocksDB's messages may have several lines.
std::string OneLine(const rocksdb::Status& status) {
  std::string text = status.ToString();
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

absl::Status MakeWritable(const std::string& dir) {
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error) {
    return absl::PermissionDeniedError(absl::StrCat(
        "data directory ", dir, ": cannot be made: ", error.message()));
  }
  if (access(dir.c_str(), R_OK | W_OK | X_OK) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        "data directory ", dir, ": not writable: ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

absl::Status OpenError(const std::string& dir, const rocksdb::Status& status) {
  const std::string text = OneLine(status);
  if (text.find("/LOCK") != std::string::npos) {
    return absl::FailedPreconditionError(
        absl::StrCat("data directory ", dir,
                     ": in use by another collector; stop it, or point data "
                     "elsewhere"));
  }
  if (status.IsNoSpace()) {
    return absl::UnavailableError(
        absl::StrCat("data directory ", dir, ": no space left on the disk"));
  }
  if (status.IsCorruption()) {
    return absl::DataLossError(
        absl::StrCat("data directory ", dir, ": damaged (", text,
                     "); restore it from a backup, or point data elsewhere"));
  }
  return absl::UnavailableError(
      absl::StrCat("data directory ", dir, ": cannot be opened: ", text));
}

absl::Status NewerSchema(const std::string& dir, const std::string& schema) {
  return absl::FailedPreconditionError(absl::StrCat(
      "data directory ", dir, " was written by a newer Callbraid (schema ",
      schema, ", this one knows ", kSchemaVersion,
      "); upgrade, or point data elsewhere"));
}

absl::Status NotOurs(const std::string& dir) {
  return absl::FailedPreconditionError(
      absl::StrCat("data directory ", dir,
                   " belongs to another program; point data elsewhere"));
}

// A family that this version does not know keeps RocksDB from opening at all:
// find out who wrote it.
absl::Status ExplainUnknownFamily(const std::string& dir) {
  rocksdb::DB* raw = nullptr;
  const rocksdb::Status status =
      rocksdb::DB::OpenForReadOnly(rocksdb::Options(), dir, &raw);
  if (!status.ok()) return OpenError(dir, status);
  const std::unique_ptr<rocksdb::DB> db(raw);
  std::string value;
  if (!db->Get(rocksdb::ReadOptions(), ToSlice(kSchemaKey), &value).ok()) {
    return NotOurs(dir);
  }
  const auto schema = DecodeBe32(value);
  return NewerSchema(dir, schema ? std::to_string(*schema) : "unknown");
}

// Writes the schema version into a new directory, checks it in an old one.
absl::Status CheckSchema(RocksDbEngine& engine, const std::string& dir) {
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   engine.Get(Family::kDefault, kSchemaKey));
  if (!value) {
    const auto iterator = engine.NewIterator(Family::kDefault);
    iterator->SeekToFirst();
    if (iterator->Valid()) return NotOurs(dir);
    rocksdb::WriteBatch batch;
    batch.Put(engine.handle(Family::kDefault), ToSlice(kSchemaKey),
              EncodeBe32(kSchemaVersion));
    return engine.Write(batch, /*sync=*/true);
  }
  const auto schema = DecodeBe32(*value);
  if (!schema || *schema == 0) return engine.Damaged(Family::kDefault);
  if (*schema > kSchemaVersion) {
    return NewerSchema(dir, std::to_string(*schema));
  }
  return absl::OkStatus();
}

}  // namespace

RocksDbEngine::RocksDbEngine(std::string dir, rocksdb::DB* db,
                             std::vector<rocksdb::ColumnFamilyHandle*> handles)
    : dir_(std::move(dir)), db_(db), handles_(std::move(handles)) {}

RocksDbEngine::~RocksDbEngine() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    db_->DestroyColumnFamilyHandle(handle);
  }
}

absl::StatusOr<std::unique_ptr<RocksDbEngine>> RocksDbEngine::Open(
    const std::string& dir, rocksdb::Env* env) {
  RETURN_IF_ERROR(MakeWritable(dir));
  rocksdb::DBOptions options = DbOptions();
  if (env != nullptr) options.env = env;

  std::vector<std::string> present;
  if (std::filesystem::exists(std::filesystem::path(dir) / "CURRENT")) {
    const auto status = rocksdb::DB::ListColumnFamilies(options, dir, &present);
    if (!status.ok()) return OpenError(dir, status);
  }
  for (const std::string& name : present) {
    if (std::find(kFamilyNames.begin(), kFamilyNames.end(), name) ==
        kFamilyNames.end()) {
      return ExplainUnknownFamily(dir);
    }
  }
  rocksdb::DB* db = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  const auto status =
      rocksdb::DB::Open(options, dir, FamilyDescriptors(), &handles, &db);
  if (!status.ok()) return OpenError(dir, status);
  std::unique_ptr<RocksDbEngine> engine(
      new RocksDbEngine(dir, db, std::move(handles)));
  RETURN_IF_ERROR(CheckSchema(*engine, dir));
  return engine;
}

absl::StatusOr<std::optional<std::string>> RocksDbEngine::Get(
    Family family, std::string_view key) const {
  std::string value;
  const auto status =
      db_->Get(rocksdb::ReadOptions(), handle(family), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return ToStatus(status);
  return std::optional<std::string>(std::move(value));
}

absl::Status RocksDbEngine::Write(rocksdb::WriteBatch& batch, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  rocksdb::Status status = db_->Write(options, &batch);
  if (status.IsIOError() && db_->Resume().ok()) {
    status = db_->Write(options, &batch);
  }
  return status.ok() ? absl::OkStatus() : ToStatus(status);
}

std::unique_ptr<rocksdb::Iterator> RocksDbEngine::NewIterator(
    Family family) const {
  rocksdb::ReadOptions options;
  options.prefix_same_as_start = family == Family::kTokens;
  return std::unique_ptr<rocksdb::Iterator>(
      db_->NewIterator(options, handle(family)));
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
