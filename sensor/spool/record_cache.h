#ifndef CALLBRAID_SENSOR_SPOOL_RECORD_CACHE_H_
#define CALLBRAID_SENSOR_SPOOL_RECORD_CACHE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace callbraid::sensor {

// Consecutive frames of a spool, as they go out.
struct SpoolBatch {
  uint64_t first_sequence = 0;
  uint32_t frame_count = 0;
  // The field `frames` of a v1::FrameBatch, serialized. Shared, so that the
  // network can still be sending what the spool lets go of.
  std::shared_ptr<const std::string> frames;

  uint64_t next_sequence() const { return first_sequence + frame_count; }
};

// The newest records of a spool in memory, so that a sensor that keeps up
// never reads its disk. Not thread-safe.
class RecordCache {
 public:
  explicit RecordCache(size_t limit_bytes) : limit_bytes_(limit_bytes) {}

  // Its sequence is above all others. The oldest make room.
  void Add(SpoolBatch batch) {
    bytes_ += Cost(batch);
    batches_.push_back(std::move(batch));
    while (bytes_ > limit_bytes_) RemoveOldest();
  }

  // Forgets what is wholly before `sequence`.
  void RemoveBefore(uint64_t sequence) {
    while (!batches_.empty() && batches_.front().next_sequence() <= sequence) {
      RemoveOldest();
    }
  }

  // Of the oldest; nullopt if it is empty.
  std::optional<uint64_t> first_sequence() const {
    if (batches_.empty()) return std::nullopt;
    return batches_.front().first_sequence;
  }

  // The batch that holds `sequence`, or else the next; nullptr if an older one
  // than these may hold it, or there is none.
  const SpoolBatch* Find(uint64_t sequence) const {
    if (batches_.empty() || sequence < batches_.front().first_sequence) {
      return nullptr;
    }
    const auto found = std::partition_point(
        batches_.begin(), batches_.end(), [sequence](const SpoolBatch& batch) {
          return batch.next_sequence() <= sequence;
        });
    return found == batches_.end() ? nullptr : &*found;
  }

 private:
  static size_t Cost(const SpoolBatch& batch) {
    return sizeof(SpoolBatch) + batch.frames->capacity();
  }
  void RemoveOldest() {
    bytes_ -= Cost(batches_.front());
    batches_.pop_front();
  }

  const size_t limit_bytes_;
  size_t bytes_ = 0;
  std::deque<SpoolBatch> batches_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SPOOL_RECORD_CACHE_H_
