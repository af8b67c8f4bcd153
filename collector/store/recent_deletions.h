#ifndef CALLBRAID_COLLECTOR_STORE_RECENT_DELETIONS_H_
#define CALLBRAID_COLLECTOR_STORE_RECENT_DELETIONS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "collector/store/observation_id.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// Which observations were deleted lately, for those who hold some in memory and
// would write them back. Thread-safe.
class RecentDeletions {
 public:
  using Ids = absl::flat_hash_set<ObservationId>;

  explicit RecentDeletions(size_t capacity = 100'000) : capacity_(capacity) {}

  // Grows with every deletion; 0 until the first.
  uint64_t number() const ABSL_LOCKS_EXCLUDED(mutex_);
  void Add(const std::vector<ObservationId>& ids) ABSL_LOCKS_EXCLUDED(mutex_);
  // What was deleted since number() was that. Nullopt: too much to be known,
  // it may be any.
  std::optional<Ids> Since(uint64_t number) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  const size_t capacity_;
  mutable Mutex mutex_;
  // The newest last: that one has `number_`, the one before it one less.
  std::deque<ObservationId> ids_ ABSL_GUARDED_BY(mutex_);
  uint64_t number_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_RECENT_DELETIONS_H_
