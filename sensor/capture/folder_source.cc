#include "sensor/capture/folder_source.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace callbraid::sensor {
namespace {

constexpr uint32_t kSettleSeconds = 10;
constexpr absl::Duration kLook = absl::Milliseconds(50);
constexpr int64_t kMaxIdleNs = int64_t{180} * 1'000'000'000;

}  // namespace

absl::StatusOr<std::unique_ptr<FolderSource>> FolderSource::Open(
    const v1::FolderConfig& folder, const std::string& log_path,
    const v1::CaptureConfig& config, const Clock& clock) {
  RETURN_IF_ERROR(ParseSpeed(config.speed()).status());
  auto source =
      std::unique_ptr<FolderSource>(new FolderSource(folder, config, clock));
  source->name_ = FolderName(folder);
  ASSIGN_OR_RETURN(source->log_, FolderLog::Open(log_path));
  const uint32_t settle =
      folder.settle_s() == 0 ? kSettleSeconds : folder.settle_s();
  ASSIGN_OR_RETURN(source->watch_,
                   FolderWatch::Open(folder.path(), absl::Seconds(settle),
                                     *source->log_, clock));
  struct stat state = {};
  if (folder.done() == "move" && (stat(folder.move_to().c_str(), &state) != 0 ||
                                  !S_ISDIR(state.st_mode))) {
    return absl::NotFoundError(absl::StrCat(
        "there is no folder '", folder.move_to(), "' to move files to"));
  }
  return source;
}

absl::StatusOr<bool> FolderSource::Read(PacketSink& sink) {
  if (stopped_.load(std::memory_order_relaxed)) return false;
  if (source_ == nullptr) OpenNext();
  if (source_ == nullptr) {
    watch_->Wait(kLook);
    return true;
  }
  const absl::StatusOr<bool> more = source_->Read(sink);
  watermark_ns_ = source_->watermark_ns();
  if (!more.ok() || !*more) EndFile(more.status());
  return true;
}

void FolderSource::OpenNext() {
  const auto next = watch_->Next();
  if (!next) {
    if (watch_->is_written_to()) {
      idle_since_ns_ = 0;
    } else if (idle_since_ns_ == 0) {
      idle_since_ns_ = clock_.MonotonicNs();
    }
    return;
  }
  file_ = *next;
  watch_->Forget(file_);
  auto opened = FileSource::Open(PathOf(file_.name), config_, clock_);
  if (opened.ok()) {
    idle_since_ns_ = 0;
    source_ = *std::move(opened);
    return;
  }
  spdlog::warn(absl::StrCat(opened.status().message(),
                            "; it is passed over, and left where it is"));
  const absl::Status added = log_->Add(file_.name, file_.identity);
  if (!added.ok()) spdlog::warn(std::string(added.message()));
}

void FolderSource::EndFile(const absl::Status& status) {
  const CaptureCounters read = source_->counters();
  counters_.packets += read.packets;
  counters_.bytes += read.bytes;
  source_.reset();
  if (!status.ok()) {
    spdlog::warn(absl::StrCat(status.message(),
                              "; what is before that was read, and the file "
                              "is left where it is"));
  } else {
    spdlog::debug(absl::StrCat("read '", PathOf(file_.name),
                               "': ", read.packets, " packets"));
  }
  unsafe_.push_back({std::move(file_), !status.ok()});
  part_ended_ = true;
}

bool FolderSource::TakePart() { return std::exchange(part_ended_, false); }

void FolderSource::PartIsSafe() {
  const Part part = std::move(unsafe_.front());
  unsafe_.pop_front();
  absl::Status status = log_->Add(part.file.name, part.file.identity);
  if (status.ok() && !part.is_damaged) status = Dispose(part.file);
  if (!status.ok() && !std::exchange(told_failure_, true)) {
    spdlog::warn(
        absl::StrCat(status.message(), "; it was read, and this is said once"));
  }
}

absl::Status FolderSource::Dispose(const FolderWatch::File& file) const {
  if (folder_.done().empty() || folder_.done() == "keep") {
    return absl::OkStatus();
  }
  const std::string path = PathOf(file.name);
  struct stat state = {};
  // Somebody else was faster, or has written another file of that name.
  if (lstat(path.c_str(), &state) != 0 ||
      FileIdentity::Of(state) != file.identity) {
    return absl::OkStatus();
  }
  if (folder_.done() == "delete") {
    if (unlink(path.c_str()) == 0) return absl::OkStatus();
    return absl::UnavailableError(
        absl::StrCat("cannot delete '", path, "': ", std::strerror(errno)));
  }
  // Names come again with some programs.
  std::string to = absl::StrCat(folder_.move_to(), "/", file.name);
  if (lstat(to.c_str(), &state) == 0) {
    to = absl::StrCat(to, ".", file.identity.modified_ns);
  }
  if (std::rename(path.c_str(), to.c_str()) == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot move '", path, "' to '",
                                             to, "': ", std::strerror(errno)));
}

CaptureCounters FolderSource::counters() {
  CaptureCounters counters = counters_;
  if (source_ != nullptr) {
    counters.packets += source_->counters().packets;
    counters.bytes += source_->counters().bytes;
  }
  return counters;
}

int64_t FolderSource::watermark_ns() const {
  if (idle_since_ns_ == 0 || watermark_ns_ == 0) return watermark_ns_;
  return watermark_ns_ +
         std::min(clock_.MonotonicNs() - idle_since_ns_, kMaxIdleNs);
}

std::string FolderSource::PathOf(const std::string& name) const {
  return absl::StrCat(folder_.path(), "/", name);
}

std::string FolderName(const v1::FolderConfig& folder) {
  if (!folder.name().empty()) return folder.name();
  std::string path = folder.path();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path.substr(path.rfind('/') + 1);
}

}  // namespace callbraid::sensor
