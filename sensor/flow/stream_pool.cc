#include "sensor/flow/stream_pool.h"

namespace callbraid::sensor {

Stream* StreamPool::Acquire() {
  if (!free_.empty()) {
    const uint32_t slot = free_.back();
    free_.pop_back();
    in_use_[slot] = true;
    *streams_[slot] = Stream();
    streams_[slot]->slot = slot;
    return streams_[slot].get();
  }
  if (streams_.size() >= capacity_) return nullptr;
  streams_.push_back(std::make_unique<Stream>());
  in_use_.push_back(true);
  streams_.back()->slot = static_cast<uint32_t>(streams_.size() - 1);
  return streams_.back().get();
}

void StreamPool::Release(Stream& stream) {
  in_use_[stream.slot] = false;
  free_.push_back(stream.slot);
}

void StreamPool::Park(Stream& stream) {
  stream.parked = true;
  stream.previous_idle = last_idle_;
  stream.next_idle = nullptr;
  (last_idle_ != nullptr ? last_idle_->next_idle : first_idle_) = &stream;
  last_idle_ = &stream;
}

void StreamPool::Unpark(Stream& stream) {
  if (!stream.parked) return;
  stream.parked = false;
  Stream* const previous = stream.previous_idle;
  Stream* const next = stream.next_idle;
  (previous != nullptr ? previous->next_idle : first_idle_) = next;
  (next != nullptr ? next->previous_idle : last_idle_) = previous;
  stream.previous_idle = stream.next_idle = nullptr;
}

}  // namespace callbraid::sensor
