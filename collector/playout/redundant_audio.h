#ifndef CALLBRAID_COLLECTOR_PLAYOUT_REDUNDANT_AUDIO_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_REDUNDANT_AUDIO_H_

#include <cstdint>
#include <string_view>
#include <vector>

namespace callbraid::collector {

// What one payload of redundant audio holds (RFC 2198). A view.
struct RedundantBlock {
  uint8_t payload_type = 0;
  // By how much it is older than the packet.
  uint32_t timestamp_offset = 0;
  std::string_view payload;
};

// The blocks in the order of the payload: what was sent before, oldest first,
// and last what is new. Empty: it is malformed.
std::vector<RedundantBlock> ParseRedundantAudio(std::string_view payload);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_REDUNDANT_AUDIO_H_
