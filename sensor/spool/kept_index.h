#ifndef CALLBRAID_SENSOR_SPOOL_KEPT_INDEX_H_
#define CALLBRAID_SENSOR_SPOOL_KEPT_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "callbraid/v1/frame.pb.h"
#include "sensor/frame/kept_streams.h"

namespace callbraid::sensor {

// Which chunk of which stream is where in a spool: 24 bytes for each. One
// thread.
class KeptIndex {
 public:
  struct Chunk {
    // Arrival of its first packet.
    int64_t time_ns = 0;
    // Of the frame in the spool.
    uint64_t frame = 0;
    // The packets are of these sequence numbers, that many of them.
    uint16_t sequence = 0;
    uint16_t count = 0;
  };

  // `chunk` is the frame `number` of the spool; in their order. Nothing happens
  // if its endpoints are none.
  void Add(uint32_t capture_point, const v1::MediaChunk& chunk,
           uint64_t number);

  // The chunks of `stream` with any of `packets` packets from `first_sequence`
  // on: of those that came again with the same numbers, the nearest to
  // `near_ns`. In the order of the spool.
  std::vector<Chunk> Find(const KeptStream& stream, uint16_t first_sequence,
                          uint32_t packets, int64_t near_ns) const;

  // Frames before `number` are gone.
  void ForgetBefore(uint64_t number);

  // How many chunks it knows.
  size_t size() const { return size_; }

 private:
  absl::flat_hash_map<KeptStream, std::vector<Chunk>> streams_;
  size_t size_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SPOOL_KEPT_INDEX_H_
