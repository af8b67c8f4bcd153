#ifndef CALLBRAID_COMMON_RTP_RTCP_PACKET_H_
#define CALLBRAID_COMMON_RTP_RTCP_PACKET_H_

#include <cstddef>
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

// What a receiver says of one stream (RFC 3550, section 6.4.1).
struct RtcpReport {
  // Who says it, and of which source.
  uint32_t reporter = 0;
  uint32_t ssrc = 0;
  // Expected less received; below 0 where copies outnumber what was lost.
  int32_t cumulative_lost = 0;
  // Extended by the reporter.
  uint32_t highest_sequence = 0;
  // In units of the RTP timestamp.
  uint32_t jitter = 0;
};

// Fills `reports` with the reception reports of all sender and receiver reports
// in `datagram`, of which ParseRtcp() said that it is RTCP; returns how many. A
// packet that is cut or encrypted adds nothing. Never allocates, throws or
// logs.
size_t ReadRtcpReports(std::span<const uint8_t> datagram,
                       std::span<RtcpReport> reports) noexcept;

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_RTP_RTCP_PACKET_H_
