#ifndef CALLBRAID_COMMON_RTP_RTP_PACKET_H_
#define CALLBRAID_COMMON_RTP_RTP_PACKET_H_

#include <cstdint>
#include <optional>
#include <span>

namespace callbraid {

// One RTP packet (RFC 3550, section 5.1).
//
// Spans point into the datagram that was parsed: an RtpPacket is a view, valid
// only as long as that datagram.
struct RtpPacket {
  uint32_t ssrc = 0;
  uint32_t timestamp = 0;
  uint16_t sequence = 0;
  uint8_t payload_type = 0;
  bool marker = false;
  // Version, padding, extension and CSRC count, as captured.
  uint8_t first_byte = 0x80;
  // CSRC list and header extension; empty for most packets.
  std::span<const uint8_t> extra_header;
  // Without extension and padding.
  std::span<const uint8_t> payload;
  // Padding bytes that followed the payload.
  uint8_t padding = 0;
  // The capture cut the payload.
  bool truncated = false;
};

// Returns nullopt unless `datagram` is well-formed RTP version 2. With
// `truncated` (the capture cut the datagram), padding cannot be known and is
// left in the payload. Never allocates, throws or logs.
std::optional<RtpPacket> ParseRtp(std::span<const uint8_t> datagram,
                                  bool truncated = false) noexcept;

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_RTP_RTP_PACKET_H_
