#ifndef CALLBRAID_SENSOR_FLOW_PARSE_MEDIA_H_
#define CALLBRAID_SENSOR_FLOW_PARSE_MEDIA_H_

#include <cstdint>
#include <optional>
#include <span>

#include "common/rtp/rtp_packet.h"

namespace callbraid::sensor {

// ParseRtp() for what may be SRTP. There padding is encrypted (RFC 3711,
// section 3.1), its length too: where the last byte makes no sense as one, the
// padding stays in the payload.
inline std::optional<RtpPacket> ParseMedia(std::span<const uint8_t> datagram,
                                           bool truncated) {
  auto packet = ParseRtp(datagram, truncated);
  constexpr uint8_t kPadding = 0x20;
  if (packet || truncated || datagram.empty() || !(datagram[0] & kPadding)) {
    return packet;
  }
  packet = ParseRtp(datagram, /*truncated=*/true);
  if (packet) packet->truncated = false;
  return packet;
}

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_PARSE_MEDIA_H_
