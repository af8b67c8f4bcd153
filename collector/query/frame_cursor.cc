#include "collector/query/frame_cursor.h"

#include <algorithm>

#include "collector/store/buckets.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {

FrameCursor::FrameCursor(MediaStore& store, const ObservationId& id,
                         std::vector<uint32_t> bucket_ranges,
                         size_t read_ahead_bytes)
    : store_(store),
      id_(id),
      read_ahead_bytes_(read_ahead_bytes),
      bucket_ranges_(std::move(bucket_ranges)) {}

absl::StatusOr<std::optional<FrameRecord>> FrameCursor::Next() {
  if (fetched_.empty() && !exhausted_) RETURN_IF_ERROR(Fetch());
  if (fetched_.empty()) return std::nullopt;
  std::optional<FrameRecord> next = std::move(fetched_.front());
  fetched_.pop_front();
  return next;
}

absl::Status FrameCursor::Fetch() {
  if (position_) {
    // Go on in the bucket of the last frame. Frames before it there are visited
    // again: a bucket is short.
    const uint32_t bucket = BucketOf(position_->first);
    auto pair = bucket_ranges_.begin();
    while (bucket_ranges_.end() - pair >= 2 && pair[1] < bucket) pair += 2;
    bucket_ranges_.erase(bucket_ranges_.begin(), pair);
    if (!bucket_ranges_.empty()) {
      bucket_ranges_[0] = std::max(bucket_ranges_[0], bucket);
    }
  }
  size_t bytes = 0;
  exhausted_ = true;
  RETURN_IF_ERROR(store_.ReadFrames(
      id_, bucket_ranges_, [this, &bytes](const FrameRecord& frame) {
        if (position_ &&
            std::pair(frame.time_ns, frame.ordinal) <= *position_) {
          return true;
        }
        if (bytes >= read_ahead_bytes_) {
          exhausted_ = false;
          return false;
        }
        bytes += frame.frame.size();
        fetched_.push_back(frame);
        return true;
      }));
  if (!fetched_.empty()) {
    position_ = {fetched_.back().time_ns, fetched_.back().ordinal};
  }
  return absl::OkStatus();
}

}  // namespace callbraid::collector
