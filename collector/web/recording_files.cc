#include "collector/web/recording_files.h"

#include <utility>

namespace callbraid::collector {
namespace {

constexpr size_t kMaxFiles = 64;
constexpr uint64_t kMaxBytes = uint64_t{4} << 30;
constexpr int64_t kSamePageNs = 10'000'000'000;
constexpr int64_t kIdleNs = 300'000'000'000;

}  // namespace

absl::StatusOr<RecordingFiles::Found> RecordingFiles::Open(
    const Request& request, bool goes_on) {
  MutexLock lock(mutex_);
  const int64_t now_ns = clock_.MonotonicNs();
  if (const auto found = kept_.find(request); found != kept_.end()) {
    Kept& kept = found->second;
    const bool same = goes_on || now_ns - kept.made_ns < kSamePageNs;
    if (same && !kept.file->failed()) {
      kept.used_ns = now_ns;
      return Found{kept.file, false};
    }
  }
  MakeRoom();
  if (BytesInUse() > 2 * kMaxBytes) {
    return absl::ResourceExhaustedError(
        "too many recordings are being read at once; try again");
  }
  auto file = std::make_shared<RecordingFile>(folder_, next_tag_++);
  // Who reads the one before still has it.
  kept_[request] = {file, now_ns, now_ns};
  all_.push_back({request, file});
  return Found{std::move(file), true};
}

void RecordingFiles::Drop(const Request& request, const RecordingFile* file) {
  MutexLock lock(mutex_);
  const auto found = kept_.find(request);
  if (found != kept_.end() && found->second.file.get() == file) {
    kept_.erase(found);
  }
}

std::map<RecordingFiles::Request, std::vector<std::shared_ptr<RecordingFile>>>
RecordingFiles::Forget() {
  MutexLock lock(mutex_);
  const int64_t now_ns = clock_.MonotonicNs();
  std::erase_if(kept_, [&](const auto& kept) {
    return now_ns - kept.second.used_ns > kIdleNs || kept.second.file->failed();
  });
  MakeRoom();
  std::map<Request, std::vector<std::shared_ptr<RecordingFile>>> left;
  std::erase_if(all_, [&](const Made& made) {
    auto file = made.file.lock();
    if (file == nullptr) return true;
    left[made.request].push_back(std::move(file));
    return false;
  });
  return left;
}

// What has not begun takes nothing, and may come to nothing: strangers'
// requests must not take the place of what others play.
void RecordingFiles::MakeRoom() {
  for (;;) {
    uint64_t bytes = 0;
    size_t files = 0;
    auto oldest = kept_.end();
    for (auto at = kept_.begin(); at != kept_.end(); ++at) {
      const uint64_t taken = at->second.file->bytes();
      if (taken == 0) continue;
      bytes += taken;
      ++files;
      if (oldest == kept_.end() ||
          at->second.used_ns < oldest->second.used_ns) {
        oldest = at;
      }
    }
    if (files < kMaxFiles && bytes <= kMaxBytes) return;
    kept_.erase(oldest);
  }
}

uint64_t RecordingFiles::BytesInUse() {
  uint64_t bytes = 0;
  std::erase_if(all_, [&](const Made& made) {
    const auto file = made.file.lock();
    if (file != nullptr) bytes += file->bytes();
    return file == nullptr;
  });
  return bytes;
}

}  // namespace callbraid::collector
