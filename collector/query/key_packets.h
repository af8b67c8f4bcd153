#ifndef CALLBRAID_COLLECTOR_QUERY_KEY_PACKETS_H_
#define CALLBRAID_COLLECTOR_QUERY_KEY_PACKETS_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/playout/payload_map.h"
#include "collector/store/store.h"
#include "common/media/media_chunk.h"

namespace callbraid::collector {

// Which RTP packets of a call tell which keys were pressed (DTMF):
// telephone-events (RFC 4733), also within redundant audio, and all that was
// captured from kMarginNs before a key is heard, or signalled beside the audio,
// to kMarginNs after it. A value.
class KeyPackets {
 public:
  // Arrival and playing differ by as much as a network delays.
  static constexpr int64_t kMarginNs = 500'000'000;

  // Listens to all streams of `record`. What no key here decrypts tells
  // nothing, to those who have none either. Errors: those of the store.
  static absl::StatusOr<KeyPackets> Find(Store& store,
                                         const store::v1::CallRecord& record);

  // `packet` of the observation `id`, captured at `time_ns` on the call's
  // clock.
  bool Tells(const ObservationId& id, int64_t time_ns,
             const ChunkPacket& packet) const;

 private:
  struct Window {
    int64_t begin_ns = 0;
    int64_t end_ns = 0;
  };
  struct Stream {
    StreamPayloads payloads;
    std::vector<Window> windows;
    // There are too many keys to know all of them.
    bool all = false;
  };

  std::vector<Stream> streams_;
  std::map<ObservationId, size_t> stream_of_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_KEY_PACKETS_H_
