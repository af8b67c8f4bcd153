#ifndef CALLBRAID_SENSOR_FLOW_PARSE_MEDIA_H_
#define CALLBRAID_SENSOR_FLOW_PARSE_MEDIA_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

#include "common/bytes/byte_reader.h"
#include "common/rtp/rtp_packet.h"
#include "common/t38/udptl_packet.h"

namespace callbraid::sensor {

// ParseRtp() for what may be SRTP. There padding is encrypted (RFC 3711,
// section 3.1), and what comes last is a tag that must not lose a byte. So only
// padding that can be made again is taken off: zeros, and their number. Any
// other stays in the payload.
inline std::optional<RtpPacket> ParseMedia(std::span<const uint8_t> datagram,
                                           bool truncated) {
  auto packet = ParseRtp(datagram, truncated);
  constexpr uint8_t kPadding = 0x20;
  if (truncated || datagram.empty() || !(datagram[0] & kPadding)) {
    return packet;
  }
  if (packet) {
    const auto padding = datagram.last(packet->padding);
    if (std::all_of(padding.begin(), padding.end() - 1,
                    [](uint8_t byte) { return byte == 0; })) {
      return packet;
    }
  }
  packet = ParseRtp(datagram, /*truncated=*/true);
  if (packet) packet->truncated = false;
  return packet;
}

// UDPTL in the words of RTP: sequence number, and as payload all that follows
// it. Of what the capture cut only that is read.
inline std::optional<RtpPacket> ReadUdptl(std::span<const uint8_t> datagram,
                                          bool truncated) {
  ByteReader in(datagram);
  RtpPacket packet;
  packet.sequence = in.U16();
  packet.payload = in.rest();
  packet.truncated = truncated;
  if (!in.ok() || (!truncated && !ParseUdptl(packet.sequence, in.rest()))) {
    return std::nullopt;
  }
  return packet;
}

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_PARSE_MEDIA_H_
