#include "sensor/capture/folder_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kMaxFiles = 100'000;
constexpr int64_t kNsPerSecond = 1'000'000'000;
constexpr int64_t kScanEveryNs = 5 * kNsPerSecond;
// Of a file that nobody has open, for who writes by opening it again and again.
constexpr int64_t kQuietNs = kNsPerSecond;

absl::Status CannotWatch(const std::string& path, int error) {
  const std::string text = absl::StrCat("cannot watch the folder '", path,
                                        "': ", std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(text);
  if (error == EACCES) return absl::PermissionDeniedError(text);
  if (error == ENOTDIR) return absl::InvalidArgumentError(text);
  return absl::UnavailableError(text);
}

}  // namespace

absl::StatusOr<std::unique_ptr<FolderWatch>> FolderWatch::Open(
    const std::string& path, absl::Duration settle, FolderLog& log,
    const Clock& clock) {
  auto watch =
      std::unique_ptr<FolderWatch>(new FolderWatch(path, settle, log, clock));
  RETURN_IF_ERROR(watch->Start());
  return watch;
}

FolderWatch::FolderWatch(std::string path, absl::Duration settle,
                         FolderLog& log, const Clock& clock)
    : path_(std::move(path)),
      settle_ns_(absl::ToInt64Nanoseconds(settle)),
      log_(log),
      clock_(clock) {}

FolderWatch::~FolderWatch() {
  if (inotify_ >= 0) close(inotify_);
}

absl::Status FolderWatch::Start() {
  inotify_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (inotify_ < 0) return CannotWatch(path_, errno);
  if (inotify_add_watch(inotify_, path_.c_str(),
                        IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR) <
      0) {
    return CannotWatch(path_, errno);
  }
  if (access(path_.c_str(), R_OK | X_OK) != 0) return CannotWatch(path_, errno);
  return absl::OkStatus();
}

void FolderWatch::Wait(absl::Duration at_most) {
  pollfd event = {inotify_, POLLIN, 0};
  poll(&event, 1, static_cast<int>(absl::ToInt64Milliseconds(at_most)));
}

void FolderWatch::TakeEvents() {
  alignas(inotify_event) std::array<char, 16384> buffer;
  for (;;) {
    const ssize_t size = read(inotify_, buffer.data(), buffer.size());
    if (size <= 0) return;
    for (ssize_t at = 0; at < size;) {
      const auto* event =
          reinterpret_cast<const inotify_event*>(buffer.data() + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      if (event->mask & (IN_Q_OVERFLOW | IN_IGNORED)) next_scan_ns_ = 0;
      if (event->len == 0) continue;
      Candidate* candidate = Look(event->name);
      if (candidate != nullptr &&
          event->mask & (IN_CLOSE_WRITE | IN_MOVED_TO)) {
        candidate->closed = true;
      }
    }
  }
}

// Also on file systems that tell of no changes (of other machines).
void FolderWatch::Scan() {
  DIR* folder = opendir(path_.c_str());
  const std::string failure = folder == nullptr ? std::strerror(errno) : "";
  if (failure != told_failure_) {
    told_failure_ = failure;
    if (!failure.empty()) {
      spdlog::warn(absl::StrCat("cannot look into the folder '", path_,
                                "': ", failure, "; it is tried again"));
    }
  }
  if (folder == nullptr) return;
  ++scans_;
  while (const dirent* entry = readdir(folder)) Look(entry->d_name);
  closedir(folder);
  std::set<std::string> present;
  for (auto it = candidates_.begin(); it != candidates_.end();) {
    if (it->second.scan != scans_) {
      waiting_.erase(it->first);
      it = candidates_.erase(it);
    } else {
      present.insert((it++)->first);
    }
  }
  const absl::Status kept = log_.KeepOnly(present);
  if (!kept.ok()) spdlog::warn(std::string(kept.message()));
}

FolderWatch::Candidate* FolderWatch::Look(const std::string& name) {
  if (name.empty() || name[0] == '.') return nullptr;
  struct stat state = {};
  if (fstatat(AT_FDCWD, absl::StrCat(path_, "/", name).c_str(), &state, 0) !=
          0 ||
      !S_ISREG(state.st_mode)) {
    return nullptr;
  }
  auto found = candidates_.find(name);
  if (found == candidates_.end()) {
    if (candidates_.size() >= kMaxFiles) {
      if (!std::exchange(told_too_many_, true)) {
        spdlog::warn(absl::StrCat("the folder '", path_, "' has more than ",
                                  kMaxFiles,
                                  " files; the rest waits until "
                                  "some are gone"));
      }
      return nullptr;
    }
    found = candidates_.emplace(name, Candidate()).first;
  }
  Candidate& candidate = found->second;
  const FileIdentity identity = FileIdentity::Of(state);
  if (candidate.identity != identity) {
    const bool is_new = candidate.scan == 0 && candidate.since_ns == 0;
    const int64_t age_ns =
        std::max<int64_t>(clock_.WallNs() - identity.modified_ns, 0);
    candidate = {.identity = identity,
                 .since_ns = clock_.MonotonicNs() - (is_new ? age_ns : 0),
                 .forgotten = log_.Has(name, identity),
                 .told = candidate.told};
  }
  candidate.scan = scans_;
  if (candidate.forgotten) {
    waiting_.erase(name);
  } else {
    waiting_.insert(name);
  }
  return &candidate;
}

std::optional<FolderWatch::File> FolderWatch::Next() {
  TakeEvents();
  if (clock_.MonotonicNs() >= next_scan_ns_) {
    next_scan_ns_ = clock_.MonotonicNs() + kScanEveryNs;
    Scan();
  }
  is_written_to_ = false;
  std::optional<File> next;
  for (const std::string& name :
       std::vector<std::string>(waiting_.begin(), waiting_.end())) {
    Candidate& candidate = candidates_[name];
    // What comes later need not be looked at.
    if (next && std::tie(next->identity.modified_ns, next->name) <=
                    std::tie(candidate.identity.modified_ns, name)) {
      continue;
    }
    if (IsFinished(name, candidate)) next = {name, candidate.identity};
  }
  return next;
}

bool FolderWatch::IsFinished(const std::string& name, Candidate& candidate) {
  const Candidate* now = Look(name);
  if (now == nullptr || now->forgotten) return false;
  const Writers writers = WritersOf(name);
  const int64_t quiet_ns = clock_.MonotonicNs() - candidate.since_ns;
  const bool is_empty = candidate.identity.bytes == 0;
  if (!is_empty && writers != Writers::kSome &&
      (candidate.closed || quiet_ns >= settle_ns_ ||
       (writers == Writers::kNone && quiet_ns >= kQuietNs))) {
    return true;
  }
  // An empty one may just lie there.
  if (is_empty && writers != Writers::kSome) return false;
  is_written_to_ = true;
  if (!std::exchange(candidate.told, true)) {
    spdlog::info(absl::StrCat("'", path_, "/", name,
                              "' is still being written; it is read when it "
                              "is finished"));
  }
  return false;
}

// A lease to read is refused while anybody has the file open for writing. Who
// opens it in between breaks the lease, which is told by a signal: one that is
// ignored, not SIGIO.
FolderWatch::Writers FolderWatch::WritersOf(const std::string& name) const {
  const int fd = open(absl::StrCat(path_, "/", name).c_str(),
                      O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return Writers::kUnknown;
  Writers writers = Writers::kUnknown;
  fcntl(fd, F_SETSIG, SIGURG);
  if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
    writers = Writers::kNone;
    fcntl(fd, F_SETLEASE, F_UNLCK);
  } else if (errno == EAGAIN) {
    writers = Writers::kSome;
  }
  close(fd);
  return writers;
}

void FolderWatch::Forget(const File& file) {
  const auto found = candidates_.find(file.name);
  if (found == candidates_.end() || found->second.identity != file.identity) {
    return;
  }
  found->second.forgotten = true;
  waiting_.erase(file.name);
}

}  // namespace callbraid::sensor
