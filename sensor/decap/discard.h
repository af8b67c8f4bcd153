#ifndef CALLBRAID_SENSOR_DECAP_DISCARD_H_
#define CALLBRAID_SENSOR_DECAP_DISCARD_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace callbraid::sensor {

// Why a frame did not come out of decap as a datagram.
enum class Discard : uint8_t {
  kUnknownLinkType,    // A DLT_... that is not decoded.
  kTruncatedLink,      // Ends inside its link header.
  kTooManyTags,        // More VLAN tags than are followed.
  kNotIp,              // ARP, LLDP, spanning tree...
  kTruncatedIp,        // Ends inside its IP header.
  kBadIp,              // Header and length contradict each other.
  kTooManyExtensions,  // IPv6 extension headers without end.
  kTruncatedTunnel,    // Ends inside a tunnel's header.
  kBadTunnel,          // A tunnel's header contradicts itself, or is of a kind
                       // that is not decoded.
  kTooManyTunnels,     // Tunnels in tunnels without end.
  kOtherProtocol,      // IP, but neither UDP nor TCP.
  kTruncatedTransport,
  kBadUdp,
  kBadTcp,
  kBadFragment,        // Offset and length make no sense, or contradict others.
  kFragmentTooBig,     // Would end past 65,535 bytes.
  kFragmentOverlap,    // Covered bytes that were there: the first win.
  kTruncatedFragment,  // Cut by the capture: cannot be put together.
  kFragmentTimeout,    // The rest never came.
  kFragmentEvicted,    // Made room for newer ones.
  kOtherMirrorSession,  // Another session of ERSPAN has shown it before.
};
inline constexpr size_t kDiscardCount = 21;

// "not_ip", "bad_fragment"...: a key of CaptureReport.discarded.
const char* DiscardName(Discard reason);

// Totals of one capture point.
struct DecapCounters {
  // By Discard. Frames.
  std::array<uint64_t, kDiscardCount> discarded = {};
  // Frames that the mirror made of a frame seen before, and were removed.
  uint64_t mirror_copies = 0;

  void Count(Discard reason, uint64_t frames = 1) {
    discarded[static_cast<size_t>(reason)] += frames;
  }
  uint64_t Get(Discard reason) const {
    return discarded[static_cast<size_t>(reason)];
  }
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_DISCARD_H_
