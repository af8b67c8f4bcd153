#ifndef CALLBRAID_SENSOR_DECAP_TUNNEL_H_
#define CALLBRAID_SENSOR_DECAP_TUNNEL_H_

#include <cstdint>
#include <optional>
#include <span>

#include "callbraid/v1/census.pb.h"
#include "sensor/decap/discard.h"

namespace callbraid::sensor {

// EtherTypes of what may be in a tunnel; a whole frame and PPP have one, too
// (RFC 1701).
inline constexpr uint16_t kIpv4Inside = 0x0800;
inline constexpr uint16_t kIpv6Inside = 0x86dd;
inline constexpr uint16_t kEthernetInside = 0x6558;
inline constexpr uint16_t kMplsInside = 0x8847;
inline constexpr uint16_t kPppInside = 0x880b;

// When a switch says that it mirrored a frame, by a clock of its own.
struct TunnelStamp {
  uint64_t ticks = 0;
  // Of a tick; 0 if it is not known, or too coarse to be of use.
  uint32_t unit_ns = 0;
  bool wraps_at_32_bits = true;
  // Which clock of the sender's.
  uint8_t clock = 0;
};

// What is left of a packet when one layer of a tunnel has been taken off. A
// view.
//
// link_tunnel.h, ip_tunnel.h and udp_tunnel.h take them off.
struct Tunnel {
  // Set as soon as the layer is known, also if it cannot be opened; unspecified
  // if it is none.
  v1::TunnelKind kind = v1::TUNNEL_KIND_UNSPECIFIED;
  // What `inside` is: one of the above, or any other EtherType; 0 if it cannot
  // hold IP.
  uint16_t ether_type = 0;
  std::span<const uint8_t> inside;
  // ERSPAN session, GRE key, or network of VXLAN or Geneve.
  uint32_t id = 0;
  // Its numbering, where there is one: a number that is missing is a frame that
  // did not get here.
  std::optional<uint32_t> sequence;
  std::optional<TunnelStamp> stamp;

  // Returns nullopt, for "opened".
  std::optional<Discard> Open(uint16_t type, std::span<const uint8_t> bytes) {
    ether_type = type;
    inside = bytes;
    return std::nullopt;
  }
};

// EtherType of an IP packet, by its version; 0 if it is none.
uint16_t IpTypeOf(std::span<const uint8_t> bytes);

// Whether this can be the beginning of a frame, for those tunnels that do not
// say what they carry, or where it begins: its EtherType is one that matters,
// and is that of what follows.
bool LooksLikeEthernet(std::span<const uint8_t> bytes);

// L2TPv3 (RFC 3931): session id, a cookie of 0, 4 or 8 bytes and a sublayer of
// 0 or 4, of which only the two ends know the length: the frame is where one
// begins. Returns false if there is none.
bool FindL2tp3Frame(std::span<const uint8_t> bytes, Tunnel& tunnel);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_TUNNEL_H_
