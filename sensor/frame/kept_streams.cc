#include "sensor/frame/kept_streams.h"

namespace callbraid::sensor {

void KeptStreams::Keep(const KeptStream& stream) {
  MutexLock lock(mutex_);
  if (streams_.size() < kMaxStreams) streams_.insert(stream);
  any_ = true;
}

void KeptStreams::Send(const KeptStream& stream) {
  if (!any_) return;
  MutexLock lock(mutex_);
  streams_.erase(stream);
  any_ = !streams_.empty();
}

void KeptStreams::Clear() {
  MutexLock lock(mutex_);
  streams_.clear();
  any_ = false;
}

bool KeptStreams::Contains(const KeptStream& stream) const {
  if (!any_ || !can_keep_) return false;
  MutexLock lock(mutex_);
  return streams_.contains(stream);
}

}  // namespace callbraid::sensor
