#include "collector/events/cdr_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxEvents = 256;
constexpr absl::Duration kRetry = absl::Seconds(5);
// How long lines of calls are gathered for one write: each waits for the disk,
// and commits of what sensors sent wait for it.
constexpr absl::Duration kGather = absl::Seconds(1);
constexpr char kPart[] = ".part";
constexpr char kOrphan[] = ".orphan";
constexpr char kTimeFormat[] = "%E4Y%m%dT%H%M%SZ";

absl::Status Failed(const std::string& what, const std::string& path) {
  return absl::UnavailableError(
      absl::StrCat("cannot ", what, " ", path, ": ", std::strerror(errno)));
}

// So that a new name is there after a power failure.
absl::Status SyncFolder(const std::string& path) {
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return Failed("open", path);
  const bool synced = fsync(folder) == 0;
  close(folder);
  return synced ? absl::OkStatus() : Failed("sync", path);
}

absl::Status WriteAll(int file, const std::string& bytes,
                      const std::string& path) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = write(file, bytes.data() + done, bytes.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return Failed("write", path);
    done += static_cast<size_t>(count);
  }
  return fdatasync(file) == 0 ? absl::OkStatus() : Failed("sync", path);
}

// 0 if that cannot be found out.
uint64_t SizeOf(int file) {
  struct stat found = {};
  return fstat(file, &found) == 0 ? static_cast<uint64_t>(found.st_size) : 0;
}

void SetAside(const std::string& path, const char* why) {
  const std::string orphan = path + kOrphan;
  const bool renamed = rename(path.c_str(), orphan.c_str()) == 0;
  spdlog::warn("cdr_files: {} {}; its lines may be nowhere else: {}", path, why,
               renamed ? "see " + orphan
                       : absl::StrCat("it stays: ", std::strerror(errno)));
}

}  // namespace

CdrFiles::CdrFiles(const v1::CdrFilesConfig& config, EventFeed& feed,
                   SinkMeter& meter, const Clock& clock)
    : config_(config),
      format_(config.format() == "jsonl" ? CdrFormat::kJsonLines
                                         : CdrFormat::kCsv),
      feed_(feed),
      meter_(meter),
      clock_(clock) {}

CdrFiles::~CdrFiles() { Close(); }

EventKinds CdrFiles::Kinds() {
  return {v1::CALL_EVENT_KIND_SETTLED, v1::CALL_EVENT_KIND_MERGED,
          v1::CALL_EVENT_KIND_REMOVED};
}

absl::Duration CdrFiles::RunOnce() {
  const absl::StatusOr<absl::Duration> wait = Work();
  if (!wait.ok()) {
    meter_.Add(&SinkState::failed_attempts);
    if (meter_.SetDown(true)) {
      spdlog::warn("cdr_files {}: {}; calls wait for it", config_.name(),
                   std::string(wait.status().message()));
    }
    return kRetry;
  }
  if (meter_.SetDown(false)) {
    spdlog::info("cdr_files {}: writes again", config_.name());
  }
  return *wait;
}

absl::StatusOr<absl::Duration> CdrFiles::Work() {
  if (!recovered_) RETURN_IF_ERROR(Recover());
  recovered_ = true;
  RETURN_IF_ERROR(FinishIfDue());
  if (events_.empty()) {
    ASSIGN_OR_RETURN(events_, feed_.Next(kMaxEvents));
    if (events_.empty()) return kEventPoll;
  }
  const bool more = events_.size() == kMaxEvents;
  RETURN_IF_ERROR(Render());
  RETURN_IF_ERROR(Write());
  return more ? absl::ZeroDuration() : kGather;
}

std::string CdrFiles::Part() const {
  return absl::StrCat(folder_, "/.", name_, kPart);
}

// The folder last: it may have spaces.
std::string CdrFiles::State() const {
  return name_.empty() ? "" : absl::StrCat(name_, " ", bytes_, " ", folder_);
}

std::string CdrFiles::NewName() const {
  return absl::StrCat(
      config_.name(), "-",
      absl::FormatTime(kTimeFormat, absl::FromUnixNanos(clock_.WallNs()),
                       absl::UTCTimeZone()),
      "-", events_.front().sequence, ExtensionOf(format_));
}

absl::Status CdrFiles::Recover() {
  // A try before may have come half way.
  Close();
  std::error_code error;
  std::filesystem::create_directories(config_.folder(), error);
  const std::vector<std::string> noted =
      absl::StrSplit(feed_.state(), absl::MaxSplits(' ', 2));
  uint64_t bytes = 0;
  if (noted.size() == 3 && absl::SimpleAtoi(noted[1], &bytes)) {
    name_ = noted[0];
    folder_ = noted[2];
    RETURN_IF_ERROR(Resume(bytes));
  }
  return SetLeftOversAside();
}

absl::Status CdrFiles::Resume(uint64_t bytes) {
  const std::string part = Part();
  file_ = open(part.c_str(), O_WRONLY | O_CLOEXEC);
  if (file_ < 0) {
    if (errno != ENOENT) return Failed("open", part);
    const std::string finished = absl::StrCat(folder_, "/", name_);
    std::error_code error;
    // It was never made, or was finished before that could be noted.
    if (bytes == 0 || std::filesystem::exists(finished, error)) {
      Close();
      return absl::OkStatus();
    }
    return absl::UnavailableError(absl::StrCat(
        part,
        ", which has lines of calls, is not there: is its file system "
        "mounted? To go on without it: touch ",
        finished));
  }
  if (SizeOf(file_) < bytes) {
    SetAside(part, "is shorter than what was written into it");
    Close();
    return absl::OkStatus();
  }
  bytes_ = bytes;
  if (folder_ != config_.folder() ||
      !absl::EndsWith(name_, ExtensionOf(format_))) {
    if (bytes > 0) return Finish();
    // What it has comes again.
    unlink(part.c_str());
    Close();
    return absl::OkStatus();
  }
  // Its age counts on from when it was begun.
  const std::string stem = name_.substr(0, name_.rfind('-'));
  absl::Time begun;
  opened_ns_ = absl::ParseTime(kTimeFormat, stem.substr(stem.rfind('-') + 1),
                               &begun, nullptr)
                   ? absl::ToUnixNanos(begun)
                   : clock_.WallNs();
  return absl::OkStatus();
}

// Files that a store without memory of them, or a sink of this name before it,
// began: whether their lines are elsewhere only a person can tell.
absl::Status CdrFiles::SetLeftOversAside() const {
  std::error_code error;
  const std::string ours = absl::StrCat(".", config_.name(), "-");
  std::vector<std::string> left_over;
  for (std::filesystem::directory_iterator at(config_.folder(), error), end;
       !error && at != end; at.increment(error)) {
    const std::string file = at->path().filename();
    if (!absl::StartsWith(file, ours) || !absl::EndsWith(file, kPart) ||
        file == absl::StrCat(".", name_, kPart)) {
      continue;
    }
    // Else it is that of one whose name begins so.
    const std::string time =
        file.substr(ours.size(), file.find('-', ours.size()) - ours.size());
    if (absl::Time begun; absl::ParseTime(kTimeFormat, time, &begun, nullptr)) {
      left_over.push_back(at->path());
    }
  }
  for (const std::string& path : left_over) {
    SetAside(path, "is not known to this collector");
  }
  return error ? absl::UnavailableError(absl::StrCat(
                     "folder ", config_.folder(), ": ", error.message()))
               : absl::OkStatus();
}

// Noted first, so that there is none that is not known.
absl::Status CdrFiles::Begin() {
  if (name_.empty()) {
    folder_ = config_.folder();
    name_ = NewName();
    opened_ns_ = clock_.WallNs();
  }
  RETURN_IF_ERROR(feed_.Done(0, State()));
  const std::string part = Part();
  file_ = open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
  if (file_ < 0) return Failed("open", part);
  return SyncFolder(folder_);
}

void CdrFiles::Close() {
  if (file_ >= 0) close(file_);
  file_ = -1;
  folder_.clear();
  name_.clear();
  bytes_ = 0;
}

absl::Status CdrFiles::Render() {
  lines_.clear();
  rows_ = 0;
  for (const FeedEvent& event : events_) {
    const bool settled = event.kind == v1::CALL_EVENT_KIND_SETTLED;
    if (!settled && !event.was_settled) continue;
    const auto full = feed_.Load(event);
    if (absl::IsNotFound(full.status())) {
      meter_.Add(&SinkState::gone);
      continue;
    }
    RETURN_IF_ERROR(full.status());
    // Part of another one by now, which has or gets a line of its own.
    if (settled && full->call().id() != event.call_id) continue;
    lines_ += CdrRow(format_, *full);
    ++rows_;
  }
  return absl::OkStatus();
}

absl::Status CdrFiles::Write() {
  std::string bytes = lines_;
  if (!bytes.empty()) {
    if (file_ < 0) RETURN_IF_ERROR(Begin());
    if (bytes_ == 0) bytes = CdrHeader(format_) + bytes;
    // An attempt before, or a collector before, may have left something.
    RETURN_IF_ERROR(Cut());
    RETURN_IF_ERROR(WriteAll(file_, bytes, Part()));
  }
  bytes_ += bytes.size();
  const absl::Status done = feed_.Done(events_.back().sequence, State());
  if (!done.ok()) {
    bytes_ -= bytes.size();
    return done;
  }
  meter_.Add(&SinkState::delivered, rows_);
  events_.clear();
  return absl::OkStatus();
}

absl::Status CdrFiles::Cut() {
  if (SizeOf(file_) < bytes_) {
    // Recover() sets it aside.
    recovered_ = false;
    return absl::UnavailableError(absl::StrCat(Part(), " was made shorter"));
  }
  if (ftruncate(file_, static_cast<off_t>(bytes_)) == 0 &&
      lseek(file_, static_cast<off_t>(bytes_), SEEK_SET) >= 0) {
    return absl::OkStatus();
  }
  return Failed("cut", Part());
}

absl::Status CdrFiles::FinishIfDue() {
  if (file_ < 0 || bytes_ == 0) return absl::OkStatus();
  const bool old = clock_.WallNs() - opened_ns_ >=
                   int64_t{config_.rotate_minutes()} * 60'000'000'000;
  const bool large = bytes_ >= uint64_t{config_.rotate_mib()} << 20;
  return old || large ? Finish() : absl::OkStatus();
}

absl::Status CdrFiles::Finish() {
  const std::string part = Part();
  const std::string folder = folder_;
  // What was never told of, after a restart.
  RETURN_IF_ERROR(Cut());
  if (fsync(file_) != 0) return Failed("sync", part);
  const std::string path = absl::StrCat(folder, "/", name_);
  if (rename(part.c_str(), path.c_str()) != 0) return Failed("rename", part);
  Close();
  RETURN_IF_ERROR(SyncFolder(folder));
  // From now on it may be taken away.
  return feed_.Done(0, State());
}

}  // namespace callbraid::collector
