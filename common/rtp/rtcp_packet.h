#ifndef CALLBRAID_COMMON_RTP_RTCP_PACKET_H_
#define CALLBRAID_COMMON_RTP_RTCP_PACKET_H_

#include <cstdint>
#include <optional>
#include <span>

namespace callbraid {

// What tells an RTCP datagram (RFC 3550, section 6.1; reduced size: RFC 5506).
struct RtcpDatagram {
  // Type of the first packet: 200 SR ... 207 XR.
  uint8_t packet_type = 0;
  // Its sender.
  uint32_t ssrc = 0;
  int packets = 0;
};

// Returns nullopt unless `datagram` is a chain of RTCP packets whose lengths
// fill it (SRTCP: at least the first header is sound). With `truncated`, a last
// packet that is cut is accepted. Never allocates, throws or logs.
std::optional<RtcpDatagram> ParseRtcp(std::span<const uint8_t> datagram,
                                      bool truncated = false) noexcept;

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_RTP_RTCP_PACKET_H_
