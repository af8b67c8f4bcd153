#ifndef CALLBRAID_COMMON_RTP_VOIP_METRICS_H_
#define CALLBRAID_COMMON_RTP_VOIP_METRICS_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace callbraid {

// What a receiver says of a stream in the VoIP metrics block of an RTCP XR
// packet (RFC 3611, section 4.7), as it is there.
struct RtcpVoipMetrics {
  // "Not available", of R factors and MOS.
  static constexpr uint8_t kUnavailable = 127;

  // Who says it, and of which source.
  uint32_t reporter = 0;
  uint32_t ssrc = 0;
  // In 256ths.
  uint8_t loss_rate = 0;
  uint8_t discard_rate = 0;
  uint8_t burst_density = 0;
  uint8_t gap_density = 0;
  // Milliseconds.
  uint16_t burst_duration_ms = 0;
  uint16_t gap_duration_ms = 0;
  uint16_t round_trip_delay_ms = 0;
  uint16_t end_system_delay_ms = 0;
  // 0 to 100.
  uint8_t r_factor = kUnavailable;
  // Ten times the MOS: 10 to 50.
  uint8_t mos_lq = kUnavailable;
  uint8_t mos_cq = kUnavailable;
};

// Fills `metrics` with those in `datagram`, of which ParseRtcp() said that it
// is RTCP; returns how many. A packet that is cut or encrypted adds nothing.
// Never allocates, throws or logs.
size_t ReadVoipMetrics(std::span<const uint8_t> datagram,
                       std::span<RtcpVoipMetrics> metrics) noexcept;

// What of a sender or receiver report tells round trips (RFC 3550, section
// 6.4.1). Times are the middle 32 bits of NTP time: 65,536ths of a second.
struct RtcpTiming {
  enum class Kind {
    // `ssrc` says that it is now `at`.
    kSent,
    // `ssrc` heard that of `of` and took `held` to say so.
    kHeard,
  };
  Kind kind = Kind::kSent;
  uint32_t ssrc = 0;
  uint32_t of = 0;
  uint32_t at = 0;
  uint32_t held = 0;
};

// The same for these. Blocks of receivers that have not heard a sender report
// yet are left out.
size_t ReadRtcpTimings(std::span<const uint8_t> datagram,
                       std::span<RtcpTiming> timings) noexcept;

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_RTP_VOIP_METRICS_H_
