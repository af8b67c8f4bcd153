#ifndef CALLBRAID_SENSOR_FLOW_STREAM_POOL_H_
#define CALLBRAID_SENSOR_FLOW_STREAM_POOL_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "sensor/flow/stream.h"

namespace callbraid::sensor {

// Owns the streams: a bounded number of slots, and the order in which those
// between runs fell silent. Streams stay where they are until released.
class StreamPool {
 public:
  explicit StreamPool(size_t capacity) : capacity_(capacity) {}

  // A blank stream, or nullptr if all are in use.
  Stream* Acquire();
  // `stream` is out of all lists.
  void Release(Stream& stream);

  // Between runs, and back (if it was).
  void Park(Stream& stream);
  void Unpark(Stream& stream);
  // The one that has been silent longest, or nullptr.
  Stream* longest_idle() const { return first_idle_; }

  // One above the highest slot ever used; a slot may be free.
  size_t slots() const { return streams_.size(); }
  // Nullptr if the slot is free.
  Stream* at(size_t slot) {
    return in_use_[slot] ? streams_[slot].get() : nullptr;
  }
  size_t size() const { return streams_.size() - free_.size(); }

 private:
  const size_t capacity_;
  std::vector<std::unique_ptr<Stream>> streams_;
  std::vector<bool> in_use_;
  std::vector<uint32_t> free_;
  Stream* first_idle_ = nullptr;
  Stream* last_idle_ = nullptr;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_STREAM_POOL_H_
