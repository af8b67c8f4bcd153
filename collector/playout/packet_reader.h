#ifndef CALLBRAID_COLLECTOR_PLAYOUT_PACKET_READER_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_PACKET_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "callbraid/v1/frame.pb.h"
#include "collector/store/observation_id.h"
#include "collector/store/store.h"
#include "common/media/media_chunk.h"

namespace callbraid::collector {

// Where the packets of one RTP observation are.
struct ObservationSource {
  ObservationId id;
  // As in store::v1::RtpTally.
  std::vector<uint32_t> bucket_ranges;
  // On the call's clock.
  int64_t first_time_ns = 0;
  // What to add to raw capture times to get to the call's clock.
  int64_t offset_ns = 0;
};

// `source` without the frames that are all from before `time_ns`, on the call's
// clock.
ObservationSource StartingAt(ObservationSource source, int64_t time_ns);

// The packets of one observation in the order of capture, on demand.
//
// Reads ahead some frames at a time, so its memory does not depend on how long
// the stream is. Frames that are not sound media chunks are left out. Borrows
// the store; one thread.
class PacketReader {
 public:
  PacketReader(MediaStore& store, const ObservationSource& source);
  PacketReader(const PacketReader&) = delete;
  PacketReader& operator=(const PacketReader&) = delete;

  // The next packet, its time on the call's clock; null at the end, which may
  // be an error: see status(). Valid until Pop().
  const ChunkPacket* Peek();
  void Pop() { ++next_packet_; }
  const absl::Status& status() const { return status_; }

  // Of an observation that goes on: from now on reads frames that begin until
  // `until_ns` on the call's clock, as far as they are stored by now, and after
  // the end looks again. What is stored later than what follows it is left out.
  void Follow(int64_t until_ns);

 private:
  struct Position {
    int64_t time_ns;
    uint32_t ordinal;
    auto operator<=>(const Position&) const = default;
  };

  bool NextChunk();
  void ReadAhead();
  std::vector<uint32_t> BucketsToRead() const;

  MediaStore& store_;
  ObservationSource source_;
  absl::Status status_;

  int64_t until_raw_ns_ = std::numeric_limits<int64_t>::max();
  // Last frame read.
  bool any_read_ = false;
  bool all_read_ = false;
  Position last_read_ = {};
  std::deque<std::string> frames_;

  // Kept to reuse its memory; packets_ view into it.
  v1::CallFrame frame_;
  PayloadDecoder decoder_;
  std::vector<ChunkPacket> packets_;
  size_t next_packet_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_PACKET_READER_H_
