#include "collector/store/rocksdb_database.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/store/rocksdb_options.h"
#include "collector/store/rocksdb_takeover.h"
#include "collector/store/rocksdb_text.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

absl::Status MakeWritable(const std::string& dir) {
  std::error_code error;
  // Likely a disk that is not mounted: not the place to make a new store.
  if (std::filesystem::is_symlink(dir, error) &&
      !std::filesystem::exists(dir, error)) {
    return absl::FailedPreconditionError(
        absl::StrCat("data directory ", dir, ": a link to ",
                     std::filesystem::read_symlink(dir, error).string(),
                     ", which does not exist; is its disk mounted?"));
  }
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

// Writes the schema version into a directory that is new or of an older one,
// whose program must not open it any more. What that one lacks is made first.
absl::Status CheckSchema(const RocksDbDatabase& database,
                         const std::string& dir) {
  rocksdb::DB& db = database.db();
  rocksdb::ColumnFamilyHandle* const family = database.handle(Family::kDefault);
  const rocksdb::Slice key = ToSlice(kSchemaKey);
  const auto write = [&]() -> absl::Status {
    rocksdb::WriteOptions options;
    options.sync = true;
    const auto written =
        db.Put(options, family, key, EncodeBe32(kSchemaVersion));
    return written.ok() ? absl::OkStatus() : OpenError(dir, written);
  };
  std::string value;
  const auto status = db.Get(rocksdb::ReadOptions(), family, key, &value);
  if (status.IsNotFound()) {
    const std::unique_ptr<rocksdb::Iterator> iterator(
        db.NewIterator(rocksdb::ReadOptions(), family));
    iterator->SeekToFirst();
    if (iterator->Valid()) return NotOurs(dir);
    return write();
  }
  if (!status.ok()) return OpenError(dir, status);
  const auto schema = DecodeBe32(value);
  if (!schema || *schema == 0) {
    return OpenError(dir, rocksdb::Status::Corruption("schema version"));
  }
  if (*schema > kSchemaVersion) {
    return NewerSchema(dir, std::to_string(*schema));
  }
  if (*schema == kSchemaVersion) return absl::OkStatus();
  if (const auto counted = CountStoredCalls(database, dir); !counted.ok()) {
    return OpenError(dir, counted);
  }
  return write();
}

}  // namespace

RocksDbDatabase::RocksDbDatabase(
    rocksdb::DB* db, std::vector<rocksdb::ColumnFamilyHandle*> handles)
    : db_(db), handles_(std::move(handles)) {}

RocksDbDatabase::~RocksDbDatabase() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    db_->DestroyColumnFamilyHandle(handle);
  }
}

absl::StatusOr<std::unique_ptr<RocksDbDatabase>> RocksDbDatabase::Open(
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
  std::unique_ptr<RocksDbDatabase> database(
      new RocksDbDatabase(db, std::move(handles)));
  RETURN_IF_ERROR(CheckSchema(*database, dir));
  return database;
}

}  // namespace callbraid::collector
