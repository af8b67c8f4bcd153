#include "sensor/decap/udp_tunnel.h"

#include "common/bytes/byte_reader.h"

namespace callbraid::sensor {
namespace {

constexpr uint16_t kL2tpPort = 1701;
constexpr uint16_t kGtpUPort = 2152;
constexpr uint16_t kVxlanPort = 4789;
constexpr uint16_t kVxlanGpePort = 4790;
constexpr uint16_t kGenevePort = 6081;
constexpr uint16_t kOldVxlanPort = 8472;  // Linux before RFC 7348.
constexpr uint16_t kTzspPort = 37008;

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+---+-+---+-+-+-----+-------+-------------------------------+
//   |T|L|0 0|S|0|O|P|0 0 0 0|Version|         Length (if L)         |
//   +-+-+---+-+---+-+-+-----+-------+-------------------------------+
//   |           Tunnel id           |          Session id           |
//   +-------------------------------+-------------------------------+
//   |           Ns (if S)           |           Nr (if S)           |
//   |      Offset size (if O)       |      Offset padding ...
//
// T: a control message.
bool OpenL2tp(std::span<const uint8_t> bytes, Tunnel& tunnel) {
  tunnel.kind = v1::TUNNEL_KIND_L2TP;
  ByteReader in(bytes);
  const uint16_t flags = in.U16();
  if (flags == 3) {
    in.U16();
    return FindL2tp3Frame(in.rest(), tunnel);
  }
  if ((flags & 0xb4ff) != 2) return false;
  if (flags & 0x4000) in.U16();
  in.U32();
  if (flags & 0x0800) in.U32();
  if (flags & 0x0200) in.Take(in.U16());
  // Address and control of PPP, which one of the ends may leave out.
  const auto ppp = in.rest();
  if (ppp.size() > 1 && ppp[0] == 0xff && ppp[1] == 0x03) in.Take(2);
  const uint16_t protocol = in.U16();
  const uint16_t ether_type = IpTypeOf(in.rest());
  // What is neither IPv4 nor IPv6 is of no use here.
  if (!in.ok() || !((protocol == 0x0021 && ether_type == kIpv4Inside) ||
                    (protocol == 0x0057 && ether_type == kIpv6Inside))) {
    return false;
  }
  tunnel.Open(ether_type, in.rest());
  return true;
}

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-----------------------------------------------+
//   |0 0 0 0 1 0 0 0|                   Reserved                    |
//   +---------------+-------------------------------+---------------+
//   |        VXLAN network identifier (VNI)         |   Reserved    |
//   +-----------------------------------------------+---------------+
//
// What is reserved is 0: else it is something else. With a group policy
// (draft-smith-vxlan-group-policy) the first bit and some of what is reserved
// there are in use.
bool OpenVxlan(std::span<const uint8_t> bytes, Tunnel& tunnel) {
  tunnel.kind = v1::TUNNEL_KIND_VXLAN;
  ByteReader in(bytes);
  const uint32_t flags = in.U32();
  const uint32_t network = in.U32();
  const bool has_policy = (flags & 0xffb70000) == 0x88000000;
  if (!in.ok() || network & 0xff || (flags != 0x08000000 && !has_policy)) {
    return false;
  }
  if (has_policy && !LooksLikeEthernet(in.rest())) return false;
  tunnel.id = network >> 8;
  tunnel.Open(kEthernetInside, in.rest());
  return true;
}

// VXLAN-GPE: as VXLAN, but the last byte of the flags says what is inside, if
// the flag P is set.
bool OpenVxlanGpe(std::span<const uint8_t> bytes, Tunnel& tunnel) {
  tunnel.kind = v1::TUNNEL_KIND_VXLAN;
  ByteReader in(bytes);
  const uint32_t flags = in.U32();
  const uint32_t network = in.U32();
  if (!in.ok() || network & 0xff) return false;
  tunnel.id = network >> 8;
  switch (flags) {
    case 0x0c000001:
    case 0x0c000002:
      tunnel.Open(IpTypeOf(in.rest()), in.rest());
      return true;
    case 0x08000000:
    case 0x0c000003:
      tunnel.Open(kEthernetInside, in.rest());
      return true;
    case 0x0c000005:
      tunnel.Open(kMplsInside, in.rest());
      return true;
    default:
      return false;
  }
}

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---+-----------+-+-+-----------+-------------------------------+
//   |Ver|Opt. words |O|C|  Reserved |           EtherType           |
//   +---+-----------+-+-+-----------+---------------+---------------+
//   |        Virtual network identifier (VNI)       |   Reserved    |
//   +-----------------------------------------------+---------------+
//   |                    Options ...
bool OpenGeneve(std::span<const uint8_t> bytes, Tunnel& tunnel) {
  tunnel.kind = v1::TUNNEL_KIND_GENEVE;
  ByteReader in(bytes);
  const uint8_t head = in.U8();
  in.U8();
  const uint16_t ether_type = in.U16();
  const uint32_t network = in.U32();
  const bool is_sound = (network & 0xff) == 0 && head >> 6 == 0;
  tunnel.id = network >> 8;
  in.Take(size_t{4} * head);
  if (!in.ok() || !is_sound) return false;
  if (ether_type != kEthernetInside && ether_type != kIpv4Inside &&
      ether_type != kIpv6Inside) {
    return false;
  }
  tunnel.Open(ether_type, in.rest());
  return true;
}

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-----+-+-+-+-+-+---------------+-------------------------------+
//   |Ver 1|1|0|E|S|N|  Type 255     |            Length             |
//   +-----+-+-+-+-+-+---------------+-------------------------------+
//   |                 Tunnel endpoint identifier                    |
//   +-------------------------------+---------------+---------------+
//   | Sequence number (E, S or N)   |     N-PDU     | Next extension|
//   +-------------------------------+---------------+---------------+
//
// An extension: its length in words, contents, type of the next one.
bool OpenGtpU(std::span<const uint8_t> bytes, Tunnel& tunnel) {
  constexpr int kMaxExtensions = 8;
  tunnel.kind = v1::TUNNEL_KIND_GTP_U;
  ByteReader in(bytes);
  const uint8_t flags = in.U8();
  if ((flags & 0xf8) != 0x30 || in.U8() != 255) return false;
  in.U16();
  in.U32();
  if (flags & 0x07) {
    in.Take(3);
    uint8_t next = in.U8();
    for (int i = 0; next != 0; ++i) {
      const size_t words = in.U8();
      if (i == kMaxExtensions || words == 0) return false;
      in.Take(4 * words - 2);
      next = in.U8();
    }
  }
  const uint16_t ether_type = IpTypeOf(in.rest());
  if (!in.ok() || ether_type == 0) return false;
  tunnel.Open(ether_type, in.rest());
  return true;
}

// Version (1), type (0: a packet that was received), what it is (2 bytes; 1:
// Ethernet); then fields with a type: 0 padding, 1 the last one; all others
// with a length byte and contents.
bool OpenTzsp(std::span<const uint8_t> bytes, Tunnel& tunnel) {
  tunnel.kind = v1::TUNNEL_KIND_TZSP;
  ByteReader in(bytes);
  if (in.U32() != 0x01000001) return false;
  for (uint8_t type = in.U8(); type != 1; type = in.U8()) {
    if (!in.ok()) return false;
    if (type != 0) in.Take(in.U8());
  }
  tunnel.Open(kEthernetInside, in.rest());
  return true;
}

}  // namespace

bool OpenUdpTunnel(uint16_t port, std::span<const uint8_t> bytes,
                   Tunnel& tunnel) {
  switch (port) {
    case kVxlanPort:
    case kOldVxlanPort:
      return OpenVxlan(bytes, tunnel);
    case kVxlanGpePort:
      return OpenVxlanGpe(bytes, tunnel);
    case kGenevePort:
      return OpenGeneve(bytes, tunnel);
    case kGtpUPort:
      return OpenGtpU(bytes, tunnel);
    case kTzspPort:
      return OpenTzsp(bytes, tunnel);
    case kL2tpPort:
      return OpenL2tp(bytes, tunnel);
    default:
      return false;
  }
}

bool IsUdpTunnelPort(uint16_t port) {
  switch (port) {
    case kVxlanPort:
    case kOldVxlanPort:
    case kVxlanGpePort:
    case kGenevePort:
    case kGtpUPort:
    case kTzspPort:
    case kL2tpPort:
      return true;
    default:
      return false;
  }
}

}  // namespace callbraid::sensor
