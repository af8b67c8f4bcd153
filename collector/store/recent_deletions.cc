#include "collector/store/recent_deletions.h"

namespace callbraid::collector {

uint64_t RecentDeletions::number() const {
  MutexLock lock(mutex_);
  return number_;
}

void RecentDeletions::Add(const std::vector<ObservationId>& ids) {
  MutexLock lock(mutex_);
  ids_.insert(ids_.end(), ids.begin(), ids.end());
  number_ += ids.size();
  while (ids_.size() > capacity_) ids_.pop_front();
}

std::optional<RecentDeletions::Ids> RecentDeletions::Since(
    uint64_t number) const {
  MutexLock lock(mutex_);
  const uint64_t count = number_ - number;
  if (count > ids_.size()) return std::nullopt;
  return Ids(ids_.end() - static_cast<std::ptrdiff_t>(count), ids_.end());
}

}  // namespace callbraid::collector
