#include "collector/store/rocksdb_engine.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "rocksdb/convenience.h"
#include "rocksdb/file_system.h"
#include "rocksdb/iterator.h"

namespace callbraid::collector {
namespace {

// How long a writer waits for readers before the database is opened anew.
constexpr absl::Duration kWaitForReaders = absl::Milliseconds(500);

constexpr int64_t kReportEveryS = 60;

// Opening writes what the log holds into tables, and some small files.
constexpr uint64_t kProbeBytes = uint64_t{2} << 20;
constexpr uint64_t kMaxProbeBytes = uint64_t{512} << 20;
constexpr size_t kProbeStep = size_t{64} << 10;
constexpr char kProbeName[] = "/probe.tmp";

// Of the files that hold what is not in tables yet.
uint64_t LogBytes(rocksdb::FileSystem& files, const std::string& dir) {
  std::vector<std::string> names;
  uint64_t total = 0;
  if (!files.GetChildren(dir, {}, &names, nullptr).ok()) return total;
  for (const std::string& name : names) {
    uint64_t bytes = 0;
    if (absl::EndsWith(name, ".log") &&
        files.GetFileSize(dir + "/" + name, {}, &bytes, nullptr).ok()) {
      total += bytes;
    }
  }
  return total;
}

rocksdb::Status WriteZeros(rocksdb::FileSystem& files, const std::string& path,
                           uint64_t bytes) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status = files.NewWritableFile(path, {}, &file, nullptr);
  const std::string zeros(kProbeStep, '\0');
  for (uint64_t done = 0; status.ok() && done < bytes; done += zeros.size()) {
    status = file->Append(zeros, {}, nullptr);
  }
  if (status.ok()) status = file->Sync({}, nullptr);
  if (status.ok()) status = file->Close({}, nullptr);
  return status;
}

}  // namespace

RocksDbEngine::RocksDbEngine(std::string dir, rocksdb::Env* env,
                             std::unique_ptr<RocksDbDatabase> database)
    : dir_(std::move(dir)), env_(env) {
  MutexLock lock(write_mutex_);
  Offer(std::move(database));
}

absl::StatusOr<std::unique_ptr<RocksDbEngine>> RocksDbEngine::Open(
    const std::string& dir, rocksdb::Env* env) {
  ASSIGN_OR_RETURN(std::unique_ptr<RocksDbDatabase> database,
                   RocksDbDatabase::Open(dir, env));
  return std::unique_ptr<RocksDbEngine>(
      new RocksDbEngine(dir, env, std::move(database)));
}

RocksDbEngine::~RocksDbEngine() {
  MutexLock lock(write_mutex_);
  while (!Close()) {
  }
}

std::shared_ptr<const RocksDbDatabase> RocksDbEngine::Lease() const {
  MutexLock lock(mutex_);
  while (renewing_) closed_.Wait(mutex_);
  return database_;
}

void RocksDbEngine::Offer(std::unique_ptr<RocksDbDatabase> database) {
  for_writer_ = database.get();
  MutexLock lock(mutex_);
  open_ = true;
  database_ = std::shared_ptr<const RocksDbDatabase>(
      database.release(), [this](const RocksDbDatabase* last) {
        delete last;
        MutexLock done(mutex_);
        open_ = false;
        closed_.NotifyAll();
      });
}

bool RocksDbEngine::Close() {
  for_writer_ = nullptr;
  std::shared_ptr<const RocksDbDatabase> ours;
  {
    MutexLock lock(mutex_);
    ours = std::move(database_);
  }
  ours.reset();
  MutexLock lock(mutex_);
  if (open_) closed_.WaitFor(mutex_, kWaitForReaders);
  return !open_;
}

absl::StatusOr<std::optional<std::string>> RocksDbEngine::Get(
    Family family, std::string_view key) const {
  const auto database = Lease();
  if (database == nullptr) return ToStatus(rocksdb::Status::Busy());
  std::string value;
  const auto status = database->db().Get(
      rocksdb::ReadOptions(), database->handle(family), ToSlice(key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return ToStatus(status);
  return std::optional<std::string>(std::move(value));
}

absl::StatusOr<std::optional<std::string>> RocksDbEngine::GetUnlessDamaged(
    Family family, std::string_view key) const {
  auto value = Get(family, key);
  if (absl::IsDataLoss(value.status())) return std::optional<std::string>();
  return value;
}

std::unique_ptr<rocksdb::Iterator> RocksDbEngine::NewIterator(
    Family family, bool whole) const {
  using Leased = std::shared_ptr<const RocksDbDatabase>;
  auto database = std::make_unique<Leased>(Lease());
  if (*database == nullptr) {
    return std::unique_ptr<rocksdb::Iterator>(
        rocksdb::NewErrorIterator(rocksdb::Status::Busy()));
  }
  rocksdb::ReadOptions options;
  options.prefix_same_as_start = family == Family::kTokens && !whole;
  options.total_order_seek = whole;
  std::unique_ptr<rocksdb::Iterator> iterator(
      (*database)->db().NewIterator(options, (*database)->handle(family)));
  // Runs last when the iterator is destroyed.
  iterator->RegisterCleanup(
      [](void* leased, void*) { delete static_cast<Leased*>(leased); },
      database.release(), nullptr);
  return iterator;
}

absl::Status RocksDbEngine::BeginWrite() {
  if (failure_.ok()) return absl::OkStatus();
  if (!ProbeDisk().ok()) return failure_;
  if (!Close()) {
    return absl::UnavailableError(
        absl::StrCat("data directory ", dir_,
                     ": waits for readers, to open it "
                     "anew"));
  }
  auto database = RocksDbDatabase::Open(dir_, env_);
  if (!database.ok()) return failure_ = database.status();
  Offer(*std::move(database));
  failure_ = absl::OkStatus();
  spdlog::info("data directory {}: opened anew after an error of its disk",
               dir_);
  return absl::OkStatus();
}

rocksdb::Status RocksDbEngine::ProbeDisk() const {
  rocksdb::Env& env = env_ != nullptr ? *env_ : *rocksdb::Env::Default();
  rocksdb::FileSystem& files = *env.GetFileSystem();
  const std::string path = dir_ + kProbeName;
  const rocksdb::Status status =
      WriteZeros(files, path,
                 std::min(LogBytes(files, dir_) + kProbeBytes, kMaxProbeBytes));
  files.DeleteFile(path, {}, nullptr).PermitUncheckedError();
  return status;
}

absl::Status RocksDbEngine::Renew() {
  MutexLock write(write_mutex_);
  if (!failure_.ok()) return failure_;
  {
    MutexLock lock(mutex_);
    if (database_.use_count() > 1) return ToStatus(rocksdb::Status::Busy());
    renewing_ = true;
  }
  // Nobody has it: closed at once.
  while (!Close()) {
  }
  auto database = RocksDbDatabase::Open(dir_, env_);
  if (database.ok()) {
    Offer(*std::move(database));
  } else {
    failure_ = database.status();
  }
  MutexLock lock(mutex_);
  renewing_ = false;
  closed_.NotifyAll();
  return failure_;
}

absl::Status RocksDbEngine::Flush() {
  const auto database = Lease();
  if (database == nullptr) return ToStatus(rocksdb::Status::Busy());
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  for (size_t i = 0; i < kFamilyNames.size(); ++i) {
    families.push_back(database->handle(static_cast<Family>(i)));
  }
  return ToStatus(database->db().Flush(rocksdb::FlushOptions(), families));
}

absl::Status RocksDbEngine::DropTables(Family family, std::string_view begin,
                                       std::string_view end) {
  const auto database = Lease();
  if (database == nullptr) return ToStatus(rocksdb::Status::Busy());
  const rocksdb::Slice first = ToSlice(begin);
  const rocksdb::Slice last = ToSlice(end);
  return ToStatus(rocksdb::DeleteFilesInRange(&database->db(),
                                              database->handle(family), &first,
                                              &last, /*include_end=*/false));
}

absl::Status RocksDbEngine::Rewrite(Family family, std::string_view begin,
                                    std::string_view end) {
  const auto database = Lease();
  if (database == nullptr) return ToStatus(rocksdb::Status::Busy());
  rocksdb::CompactRangeOptions options;
  // Beside what RocksDB does by itself, not instead of it.
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction =
      rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.canceled = stop_rewriting_.get();
  const rocksdb::Slice first = ToSlice(begin);
  const rocksdb::Slice last = ToSlice(end);
  return ToStatus(database->db().CompactRange(options, database->handle(family),
                                              &first, &last));
}

uint64_t RocksDbEngine::TableBytes() const {
  const auto database = Lease();
  if (database == nullptr) return 0;
  uint64_t total = 0;
  for (size_t i = 0; i < kFamilyNames.size(); ++i) {
    uint64_t bytes = 0;
    database->db().GetIntProperty(database->handle(static_cast<Family>(i)),
                                  rocksdb::DB::Properties::kLiveSstFilesSize,
                                  &bytes);
    total += bytes;
  }
  return total;
}

absl::StatusOr<uint64_t> RocksDbEngine::ApproximateBytes(
    Family family, std::string_view begin, std::string_view end) const {
  const auto database = Lease();
  if (database == nullptr) return ToStatus(rocksdb::Status::Busy());
  const rocksdb::Range range(ToSlice(begin), ToSlice(end));
  uint64_t bytes = 0;
  RETURN_IF_ERROR(ToStatus(database->db().GetApproximateSizes(
      database->handle(family), &range, 1, &bytes)));
  return bytes;
}

absl::StatusOr<std::string> RocksDbEngine::FirstKeyOfTables(
    Family family) const {
  const auto database = Lease();
  if (database == nullptr) return ToStatus(rocksdb::Status::Busy());
  rocksdb::ColumnFamilyMetaData tables;
  database->db().GetColumnFamilyMetaData(database->handle(family), &tables);
  std::optional<std::string> first;
  for (const rocksdb::LevelMetaData& level : tables.levels) {
    for (const rocksdb::SstFileMetaData& table : level.files) {
      if (!first || table.smallestkey < *first) first = table.smallestkey;
    }
  }
  if (!first) return absl::NotFoundError("no table");
  return *first;
}

absl::Status RocksDbEngine::Write(rocksdb::WriteBatch& batch, bool sync) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  const rocksdb::Status status = for_writer_->db().Write(options, &batch);
  if (status.ok()) return absl::OkStatus();
  if (status.IsIOError()) failure_ = ToStatus(status);
  return ToStatus(status);
}

absl::Status RocksDbEngine::ToStatus(const rocksdb::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  const std::string text =
      absl::StrCat("data directory ", dir_, ": ", OneLine(status));
  if (status.IsCorruption()) return ReportLoss(absl::DataLossError(text));
  if (status.IsIOError() || status.IsBusy() || status.IsIncomplete() ||
      status.IsTryAgain() || status.IsShutdownInProgress()) {
    return absl::UnavailableError(text);
  }
  return absl::InternalError(text);
}

absl::Status RocksDbEngine::Damaged(Family family) const {
  return ReportLoss(absl::DataLossError(
      absl::StrCat("data directory ", dir_, ": damaged entry in ",
                   kFamilyNames[static_cast<size_t>(family)])));
}

absl::Status RocksDbEngine::ReportLoss(absl::Status loss) const {
  const uint64_t losses = ++losses_;
  const int64_t now_s = absl::ToUnixSeconds(absl::Now());
  int64_t due_s = next_report_s_;
  if (now_s >= due_s &&
      next_report_s_.compare_exchange_strong(due_s, now_s + kReportEveryS)) {
    spdlog::error(
        "{} ({} since the start): calls that rest on it are incomplete; check "
        "the disk, and restore the directory from a backup",
        std::string(loss.message()), losses);
  }
  return loss;
}

}  // namespace callbraid::collector
