#include "collector/web/recording_files.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxFiles = 64;
constexpr uint64_t kMaxBytes = uint64_t{4} << 30;
constexpr int64_t kSamePageNs = 10'000'000'000;
constexpr int64_t kIdleNs = 300'000'000'000;

}  // namespace

absl::StatusOr<RecordingFiles::Found> RecordingFiles::Open(
    const std::string& key, bool goes_on) {
  MutexLock lock(mutex_);
  const int64_t now_ns = clock_.MonotonicNs();
  if (const auto found = kept_.find(key); found != kept_.end()) {
    Kept& kept = found->second;
    const bool same = goes_on || now_ns - kept.made_ns < kSamePageNs;
    if (same && !kept.file->failed()) {
      kept.used_ns = now_ns;
      return Found{kept.file, false};
    }
  }
  ASSIGN_OR_RETURN(auto file, RecordingFile::Create(folder_));
  // Who reads the one before still has it.
  kept_[key] = {file, now_ns, now_ns};
  MakeRoom();
  return Found{std::move(file), true};
}

void RecordingFiles::Forget() {
  MutexLock lock(mutex_);
  const int64_t now_ns = clock_.MonotonicNs();
  std::erase_if(kept_, [&](const auto& kept) {
    return now_ns - kept.second.used_ns > kIdleNs;
  });
  MakeRoom();
}

void RecordingFiles::MakeRoom() {
  uint64_t bytes = 0;
  for (const auto& [key, kept] : kept_) bytes += kept.file->bytes();
  // The newest stays, whatever its size.
  while (kept_.size() > 1 && (kept_.size() > kMaxFiles || bytes > kMaxBytes)) {
    const auto oldest = std::min_element(
        kept_.begin(), kept_.end(), [](const auto& a, const auto& b) {
          return a.second.used_ns < b.second.used_ns;
        });
    bytes -= oldest->second.file->bytes();
    kept_.erase(oldest);
  }
}

}  // namespace callbraid::collector
