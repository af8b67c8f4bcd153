#ifndef CALLBRAID_COLLECTOR_QUERY_FRAME_CURSOR_H_
#define CALLBRAID_COLLECTOR_QUERY_FRAME_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "collector/store/observation_id.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// The frames of one observation in their order, fetched a little at a time, so
// that the frames of many observations can be merged in bounded memory.
//
// One thread.
class FrameCursor {
 public:
  // Fetches about `read_ahead_bytes`, or one frame, at once. `store` must
  // outlive the cursor.
  FrameCursor(MediaStore& store, const ObservationId& id,
              std::vector<uint32_t> bucket_ranges, size_t read_ahead_bytes);

  // The next frame; nullopt behind the last one. Errors of Store.
  absl::StatusOr<std::optional<FrameRecord>> Next();

 private:
  absl::Status Fetch();

  MediaStore& store_;
  const ObservationId id_;
  const size_t read_ahead_bytes_;
  std::vector<uint32_t> bucket_ranges_;
  std::deque<FrameRecord> fetched_;
  // Time and ordinal of the last frame fetched.
  std::optional<std::pair<int64_t, uint32_t>> position_;
  bool exhausted_ = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_FRAME_CURSOR_H_
