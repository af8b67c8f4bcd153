#include "collector/events/cdr_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxEvents = 256;
constexpr absl::Duration kRetry = absl::Seconds(5);
constexpr char kPart[] = ".part";
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
  const absl::StatusOr<bool> more = Work();
  if (!more.ok()) {
    meter_.Add(&SinkState::failed_attempts);
    if (meter_.SetDown(true)) {
      spdlog::warn("cdr_files {}: {}; calls wait for it", config_.name(),
                   std::string(more.status().message()));
    }
    return kRetry;
  }
  if (meter_.SetDown(false)) {
    spdlog::info("cdr_files {}: writes again", config_.name());
  }
  return *more ? absl::ZeroDuration() : kEventPoll;
}

absl::StatusOr<bool> CdrFiles::Work() {
  if (!recovered_) RETURN_IF_ERROR(Recover());
  recovered_ = true;
  RETURN_IF_ERROR(FinishIfDue());
  if (events_.empty()) {
    ASSIGN_OR_RETURN(events_, feed_.Next(kMaxEvents));
    if (events_.empty()) return false;
  }
  RETURN_IF_ERROR(Render());
  RETURN_IF_ERROR(Write());
  return true;
}

std::string CdrFiles::PartOf(const std::string& name) const {
  return absl::StrCat(config_.folder(), "/.", name, kPart);
}

std::string CdrFiles::State() const {
  return name_.empty() ? "" : absl::StrCat(name_, " ", bytes_);
}

std::string CdrFiles::NewName() const {
  return absl::StrCat(
      config_.name(), "-",
      absl::FormatTime(kTimeFormat, absl::FromUnixNanos(clock_.WallNs()),
                       absl::UTCTimeZone()),
      "-", events_.front().sequence, ExtensionOf(format_));
}

absl::Status CdrFiles::Recover() {
  std::error_code error;
  std::filesystem::create_directories(config_.folder(), error);
  const std::string& state = feed_.state();
  const size_t space = state.find(' ');
  uint64_t bytes = 0;
  if (space != std::string::npos &&
      absl::SimpleAtoi(state.substr(space + 1), &bytes)) {
    const std::string name = state.substr(0, space);
    // Else it was finished before that could be noted.
    if (std::filesystem::exists(PartOf(name), error)) {
      bytes_ = bytes;
      RETURN_IF_ERROR(Open(name));
      // Its age counts on from when it was begun.
      const std::string stem = name.substr(0, name.rfind('-'));
      absl::Time begun;
      if (absl::ParseTime(kTimeFormat, stem.substr(stem.rfind('-') + 1), &begun,
                          nullptr)) {
        opened_ns_ = absl::ToUnixNanos(begun);
      }
    }
  }
  return RemoveLeftOvers();
}

// Of a file that was begun and not noted before the end: none of its lines is.
absl::Status CdrFiles::RemoveLeftOvers() const {
  std::error_code error;
  const std::string ours = absl::StrCat(".", config_.name(), "-");
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
      std::filesystem::remove(at->path(), error);
    }
  }
  return error ? absl::UnavailableError(absl::StrCat(
                     "folder ", config_.folder(), ": ", error.message()))
               : absl::OkStatus();
}

absl::Status CdrFiles::Open(const std::string& name) {
  const std::string path = PartOf(name);
  file_ = open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
  if (file_ < 0) return Failed("open", path);
  name_ = name;
  opened_ns_ = clock_.WallNs();
  return SyncFolder(config_.folder());
}

void CdrFiles::Close() {
  if (file_ >= 0) close(file_);
  file_ = -1;
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
    if (file_ < 0) RETURN_IF_ERROR(Open(NewName()));
    if (bytes_ == 0) bytes = CdrHeader(format_) + bytes;
    // An attempt before, or a collector before, may have left something.
    if (ftruncate(file_, static_cast<off_t>(bytes_)) != 0 ||
        lseek(file_, static_cast<off_t>(bytes_), SEEK_SET) < 0) {
      return Failed("cut", PartOf(name_));
    }
    RETURN_IF_ERROR(WriteAll(file_, bytes, PartOf(name_)));
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

absl::Status CdrFiles::FinishIfDue() {
  if (file_ < 0 || bytes_ == 0) return absl::OkStatus();
  const bool old = clock_.WallNs() - opened_ns_ >=
                   int64_t{config_.rotate_minutes()} * 60'000'000'000;
  const bool large = bytes_ >= uint64_t{config_.rotate_mib()} << 20;
  return old || large ? Finish() : absl::OkStatus();
}

absl::Status CdrFiles::Finish() {
  const std::string part = PartOf(name_);
  // What was never told of, after a restart.
  if (ftruncate(file_, static_cast<off_t>(bytes_)) != 0 || fsync(file_) != 0) {
    return Failed("sync", part);
  }
  const std::string path = absl::StrCat(config_.folder(), "/", name_);
  if (rename(part.c_str(), path.c_str()) != 0) return Failed("rename", part);
  Close();
  return SyncFolder(config_.folder());
}

}  // namespace callbraid::collector
