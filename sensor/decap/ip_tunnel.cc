#include "sensor/decap/ip_tunnel.h"

#include "common/bytes/byte_reader.h"

namespace callbraid::sensor {
namespace {

constexpr uint8_t kIpv4InIp = 4;
constexpr uint8_t kIpv6InIp = 41;
constexpr uint8_t kGre = 47;
constexpr uint8_t kL2tp3 = 115;

// Behind 4 bytes of GRE header and a sequence number (which type I has not):
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+-----------------------+-----+---+-+-------------------+
//   |Ver (1)|         VLAN          | COS |En |T|    Session id     |
//   +-------+-----------------------+-----+---+-+-------------------+
//   |       Reserved        |                Index                  |
//   +-----------------------+---------------------------------------+
std::optional<Discard> OpenErspan2(ByteReader in, Tunnel& tunnel) {
  const uint32_t head = in.U32();
  in.U32();
  if (!in.ok()) return Discard::kTruncatedTunnel;
  if (head >> 28 != 1) return Discard::kBadTunnel;
  tunnel.id = head & 0x3ff;
  return tunnel.Open(kEthernetInside, in.rest());
}

struct ErspanPlatform {
  uint8_t id = 0;
  uint32_t time = 0;
};

// By the granularity (Gra): 0 is 100 us, which is coarser than our own stamp of
// the arrival; 1 is 100 ns; 2 is IEEE 1588, nanoseconds; 3 is anything.
TunnelStamp StampOf(uint32_t timestamp, uint32_t granularity,
                    const std::optional<ErspanPlatform>& platform) {
  constexpr uint64_t kNsPerSecond = 1'000'000'000;
  TunnelStamp stamp;
  stamp.ticks = timestamp;
  if (granularity == 1) stamp.unit_ns = 100;
  if (granularity == 2) stamp.unit_ns = 1;
  if (!platform) return stamp;
  if (platform->id == 3 || platform->id == 7) {
    stamp.ticks |= uint64_t{platform->time} << 32;
    stamp.wraps_at_32_bits = false;
  } else if ((platform->id == 5 || platform->id == 6) && granularity == 2) {
    stamp.ticks += platform->time * kNsPerSecond;
    stamp.wraps_at_32_bits = false;
  }
  return stamp;
}

// Type III; a subheader of 8 bytes may follow:
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+-----------------------+-----+---+-+-------------------+
//   |Ver (2)|         VLAN          | COS |BSO|T|    Session id     |
//   +-------+-----------------------+-----+---+-+-------------------+
//   |                           Timestamp                           |
//   +-------------------------------+-+---------+-----------+-+---+-+
//   |              SGT              |P|   FT    |  Hw id    |D|Gra|O|
//   +-------------------------------+-+---------+-----------+-+---+-+
//
// The subheader begins with the platform's id (6 bits), and ends with 32 bits
// that complete the timestamp on some: seconds, or its upper half.
std::optional<Discard> OpenErspan3(ByteReader in, Tunnel& tunnel) {
  constexpr uint8_t kIp = 2;
  // Nexus switches have the subheader with this type, and no O bit.
  constexpr uint8_t kWithSubheader = 7;
  const uint32_t head = in.U32();
  const uint32_t timestamp = in.U32();
  const uint32_t tail = in.U32();
  const uint8_t frame_type = tail >> 10 & 0x1f;
  std::optional<ErspanPlatform> platform;
  if (tail & 1 || frame_type == kWithSubheader) {
    platform.emplace();
    platform->id = static_cast<uint8_t>(in.U32() >> 26);
    platform->time = in.U32();
  }
  if (!in.ok()) return Discard::kTruncatedTunnel;
  if (head >> 28 != 2) return Discard::kBadTunnel;
  tunnel.id = head & 0x3ff;
  tunnel.stamp = StampOf(timestamp, tail >> 1 & 3, platform);
  tunnel.stamp->clock = tail >> 4 & 0x3f;
  if (frame_type == kIp) return tunnel.Open(IpTypeOf(in.rest()), in.rest());
  return tunnel.Open(kEthernetInside, in.rest());
}

v1::TunnelKind GreKind(uint16_t ether_type) {
  switch (ether_type) {
    case 0x88be:  // ERSPAN I, II.
    case 0x22eb:  // ERSPAN III.
      return v1::TUNNEL_KIND_ERSPAN;
    case kEthernetInside:
      return v1::TUNNEL_KIND_NVGRE;
    default:
      return v1::TUNNEL_KIND_GRE;
  }
}

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-----------------+-----+-------------------------------+
//   |C|R|K|S|                 |Ver 0|           EtherType           |
//   +-+-+-+-+-----------------+-----+-------------------------------+
//   |      Checksum (if C)          |      Reserved (if C)          |
//   |                         Key (if K)                            |
//   |                   Sequence number (if S)                      |
//   +---------------------------------------------------------------+
std::optional<Discard> OpenGre(std::span<const uint8_t> bytes, Tunnel& tunnel) {
  ByteReader in(bytes);
  const uint16_t flags = in.U16();
  const uint16_t ether_type = in.U16();
  if (!in.ok()) return Discard::kTruncatedTunnel;
  tunnel.kind = GreKind(ether_type);
  // Version 1 is PPTP's, with PPP that is compressed or encrypted; routing is
  // not in use any more (RFC 2784).
  if (flags & 0x4007) return Discard::kBadTunnel;
  const bool is_numbered = flags & 0x1000;
  if (flags & 0x8000) in.U32();
  if (flags & 0x2000) tunnel.id = in.U32();
  const uint32_t sequence = is_numbered ? in.U32() : 0;
  if (!in.ok()) return Discard::kTruncatedTunnel;
  if (is_numbered) tunnel.sequence = sequence;
  switch (ether_type) {
    case 0x22eb:
      return OpenErspan3(in, tunnel);
    case 0x88be:
      if (is_numbered) return OpenErspan2(in, tunnel);
      return tunnel.Open(kEthernetInside, in.rest());
    default:
      return tunnel.Open(ether_type, in.rest());
  }
}

std::optional<Discard> OpenL2tp3(std::span<const uint8_t> bytes,
                                 Tunnel& tunnel) {
  const uint32_t session = ByteReader(bytes).U32();
  if (session == 0) return Discard::kOtherProtocol;  // A control message.
  tunnel.kind = v1::TUNNEL_KIND_L2TP;
  if (FindL2tp3Frame(bytes, tunnel)) return std::nullopt;
  return Discard::kBadTunnel;
}

}  // namespace

std::optional<Discard> OpenIpTunnel(uint8_t protocol,
                                    std::span<const uint8_t> bytes,
                                    Tunnel& tunnel) {
  switch (protocol) {
    case kIpv4InIp:
      tunnel.kind = v1::TUNNEL_KIND_IP_IN_IP;
      return tunnel.Open(kIpv4Inside, bytes);
    case kIpv6InIp:
      tunnel.kind = v1::TUNNEL_KIND_IP_IN_IP;
      return tunnel.Open(kIpv6Inside, bytes);
    case kGre:
      return OpenGre(bytes, tunnel);
    case kL2tp3:
      return OpenL2tp3(bytes, tunnel);
    case 50:  // ESP.
      tunnel.kind = v1::TUNNEL_KIND_IPSEC;
      return Discard::kOtherProtocol;
    default:
      return Discard::kOtherProtocol;
  }
}

bool IsIpTunnel(uint8_t protocol) {
  return protocol == kIpv4InIp || protocol == kIpv6InIp || protocol == kGre ||
         protocol == kL2tp3;
}

}  // namespace callbraid::sensor
