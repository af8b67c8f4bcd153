#ifndef CALLBRAID_COLLECTOR_PLAYOUT_STREAM_UNION_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_STREAM_UNION_H_

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "collector/playout/packet_reader.h"
#include "collector/secure/srtp_decryptor.h"
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
  // No capture point sent its payload (yet): seen, and as good as lost.
  bool withheld = false;
  // As captured.
  uint32_t payload_size = 0;
  // Empty also of what could not be decrypted: neither audio nor lost.
  std::string payload;
  // For the tag of SRTP, as captured.
  std::string header;
};

// The union of what all capture points saw of a stream: each packet once, in
// the order of first arrival, and of its copies the best: not withheld, not
// truncated, then the longest, then the first. A packet is known by sequence
// number and timestamp within some seconds, so copies by network and mirror go
// as well; but for a payload that comes after its packet was given out without
// it.
// With a decryptor, the packets are SRTP and become RTP here.
//
// One thread.
class StreamUnion {
 public:
  StreamUnion(MediaStore& store, std::vector<ObservationSource> sources,
              std::unique_ptr<SrtpDecryptor> decryptor = nullptr);

  // Nullopt at the end, which may be an error: see status().
  std::optional<MediaPacket> Next();
  const absl::Status& status() const { return status_; }

  // Of a stream that goes on: from now on Next() gives what was captured until
  // `until_ns`, as far as it is stored by now; nullopt is then the end for now.
  void Follow(int64_t until_ns);

  // Null if the packets are in clear.
  const SrtpDecryptor* decryptor() const { return decryptor_.get(); }

 private:
  std::optional<MediaPacket> NextHeld();
  bool Decrypt(MediaPacket& packet);
  PacketReader* EarliestReader();
  bool Pull();
  void Take(const ChunkPacket& packet);
  void Copy(const ChunkPacket& from, MediaPacket& to) const;

  MediaStore& store_;
  std::unique_ptr<SrtpDecryptor> decryptor_;
  absl::Status status_;
  // Not begun yet, the earliest last: a source costs memory only while the
  // stream's time is within it.
  std::vector<ObservationSource> waiting_;
  std::vector<std::unique_ptr<PacketReader>> active_;

  // Held back for better copies. serial of held_[i] = first_serial_ + i.
  std::deque<MediaPacket> held_;
  uint64_t first_serial_ = 0;
  int64_t newest_ns_ = 0;
  // As of Follow(): what is taken, and of that what waits for copies no more.
  bool follows_ = false;
  int64_t until_ns_ = std::numeric_limits<int64_t>::max();
  int64_t settled_ns_ = std::numeric_limits<int64_t>::max();
  struct Seen {
    uint64_t serial = 0;
    bool withheld = false;
  };
  // By sequence and timestamp, packets seen lately.
  absl::flat_hash_map<uint64_t, Seen> seen_;
  std::deque<std::pair<int64_t, uint64_t>> seen_by_time_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_STREAM_UNION_H_
