#ifndef CALLBRAID_COMMON_MEDIA_MEDIA_CHUNK_H_
#define CALLBRAID_COMMON_MEDIA_MEDIA_CHUNK_H_

#include <cstdint>
#include <string>
#include <vector>

#include "callbraid/v1/frame.pb.h"
#include "common/media/payload_coding.h"
#include "common/rtp/rtp_packet.h"

namespace callbraid {

inline constexpr uint32_t kMaxChunkPackets = 512;
inline constexpr size_t kMaxChunkPayloadBytes = size_t{1} << 20;

// Gathers RTP packets of one stream into a v1::MediaChunk, its payload plain.
//
// Copies each payload once. One thread.
class ChunkWriter {
 public:
  // False, and nothing changed, if the chunk is full.
  bool Append(int64_t time_ns, const RtpPacket& packet);
  bool empty() const { return times_.empty(); }
  size_t packets() const { return times_.size(); }
  // Arrival of the first packet. Only if not empty.
  int64_t first_time_ns() const { return times_.front(); }

  // Fills every field from first_time_ns on, with the smallest columns; the
  // caller sets source, destination, ssrc and stream_start_ns. Leaves the
  // writer empty, its memory kept.
  void Finish(v1::MediaChunk& chunk);

 private:
  struct Header {
    uint32_t timestamp;
    uint32_t payload_size;
    uint16_t sequence;
    uint8_t payload_type;
    bool marker;
    bool truncated;
  };
  std::vector<int64_t> times_;
  std::vector<Header> headers_;
  std::vector<v1::HeaderExtra> extras_;
  std::string payload_;
};

// One packet of a chunk. `rtp` views into the chunk, or into the decoder of its
// payloads.
struct ChunkPacket {
  int64_t time_ns = 0;
  RtpPacket rtp;
  // As captured. `rtp.payload` is as long, unless the payload was withheld
  // (withhold.h): then it is empty.
  uint32_t payload_size = 0;
  bool withheld = false;
  // Of what was withheld: PayloadHash() of what may serve as an anchor, else 0;
  // and, with the last packet of a chunk, of the last payload that was not cut.
  uint64_t payload_hash = 0;
  uint64_t payload_hash_after = 0;
};

// Unpacks `chunk` into `packets` (cleared first), which last until the next use
// of `decoder`. Returns false, with `packets` in any state, if a column has the
// wrong length, a value is out of range, or the payload is not coded as it
// says: chunks come from outside. Never throws; bounded by kMaxChunk...
bool ReadChunk(const v1::MediaChunk& chunk, PayloadDecoder& decoder,
               std::vector<ChunkPacket>& packets);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_MEDIA_MEDIA_CHUNK_H_
