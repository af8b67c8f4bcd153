#ifndef CALLBRAID_SENSOR_FRAME_KEPT_STREAMS_H_
#define CALLBRAID_SENSOR_FRAME_KEPT_STREAMS_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "common/base/mutex.h"
#include "common/net/endpoint.h"

namespace callbraid::sensor {

// One stream at one capture point.
struct KeptStream {
  // Index in the hello.
  uint32_t capture_point = 0;
  FlowKey flow;
  uint32_t ssrc = 0;

  friend bool operator==(const KeptStream&, const KeptStream&) = default;
  template <typename H>
  friend H AbslHashValue(H hash, const KeptStream& stream) {
    return H::combine(std::move(hash), stream.capture_point, stream.flow,
                      stream.ssrc);
  }
};

// Streams of which another sensor sends the payload, as the collector orders it
// (v1::MediaOrder). Of all capture points of a sensor. The uplink's thread
// sets, capture threads ask, once for each chunk: so they share a lock.
class KeptStreams {
 public:
  // Beyond so many, streams are sent although they need not be.
  static constexpr size_t kMaxStreams = 65'536;

  void Keep(const KeptStream& stream) ABSL_LOCKS_EXCLUDED(mutex_);
  void Send(const KeptStream& stream) ABSL_LOCKS_EXCLUDED(mutex_);
  // All are sent from now on.
  void Clear() ABSL_LOCKS_EXCLUDED(mutex_);
  // While what is kept could not be written all are sent.
  void set_can_keep(bool can_keep) { can_keep_ = can_keep; }

  // Takes no lock while nothing is kept.
  bool Contains(const KeptStream& stream) const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  std::atomic<bool> can_keep_ = true;
  std::atomic<bool> any_ = false;
  mutable Mutex mutex_;
  absl::flat_hash_set<KeptStream> streams_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FRAME_KEPT_STREAMS_H_
