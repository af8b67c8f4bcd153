#ifndef CALLBRAID_COLLECTOR_RECORD_STREAM_UNION_H_
#define CALLBRAID_COLLECTOR_RECORD_STREAM_UNION_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "collector/record/packet_reader.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// One RTP packet of a stream.
struct MediaPacket {
  // First arrival at any capture point, on the call's clock.
  int64_t time_ns = 0;
  uint32_t timestamp = 0;
  uint16_t sequence = 0;
  uint8_t payload_type = 0;
  bool truncated = false;
  std::string payload;
};

// The union of what all capture points saw of a stream: each packet once, in
// the order of first arrival, and of its copies the best: not truncated, then
// the longest, then the first. A packet is known by sequence number and
// timestamp within some seconds, so copies by network and mirror go as well.
//
// One thread.
class StreamUnion {
 public:
  StreamUnion(MediaStore& store, std::vector<ObservationSource> sources);

  // Nullopt at the end, which may be an error: see status().
  std::optional<MediaPacket> Next();
  const absl::Status& status() const { return status_; }

 private:
  PacketReader* EarliestReader();
  bool Pull();
  void Take(const ChunkPacket& packet);
  static void Copy(const ChunkPacket& from, MediaPacket& to);

  MediaStore& store_;
  absl::Status status_;
  // Not begun yet, the earliest last: a source costs memory only while the
  // stream's time is within it.
  std::vector<ObservationSource> waiting_;
  std::vector<std::unique_ptr<PacketReader>> active_;

  // Held back for better copies. serial of held_[i] = first_serial_ + i.
  std::deque<MediaPacket> held_;
  uint64_t first_serial_ = 0;
  int64_t newest_ns_ = 0;
  // Sequence and timestamp of packets seen lately, and their serials.
  absl::flat_hash_map<uint64_t, uint64_t> seen_;
  std::deque<std::pair<int64_t, uint64_t>> seen_by_time_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_STREAM_UNION_H_
