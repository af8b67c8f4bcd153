#include "sensor/decap/link_tunnel.h"

#include "common/bytes/byte_reader.h"

namespace callbraid::sensor {
namespace {

constexpr int kMaxLabels = 16;

std::optional<Discard> OpenedTag(ByteReader in, Tunnel& tunnel) {
  const uint16_t ether_type = in.U16();
  if (!in.ok()) return Discard::kTruncatedTunnel;
  return tunnel.Open(ether_type, in.rest());
}

// A MAC address may begin with 4 or 6, too; but with 45 it would be a group's,
// and the length of IPv6 would be that of the packet by chance.
bool IsSurelyIp(std::span<const uint8_t> bytes) {
  ByteReader in(bytes);
  const uint8_t first = in.U8();
  in.Take(3);
  const size_t length = in.U16();
  return first == 0x45 || (first >> 4 == 6 && length + 40 == bytes.size());
}

// A label, and the pseudowire control word (RFC 4448) that may follow the last:
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +---------------------------------------+-----+-+---------------+
//   |                 Label                 |  TC |S|      TTL      |
//   +-------+-----------------------+-------+-----+-+---------------+
//   |0 0 0 0|       Reserved        |        Sequence number        |
//   +-------+-----------------------+-------------------------------+
//
// Nothing says what is behind the last label.
std::optional<Discard> OpenMpls(std::span<const uint8_t> bytes,
                                Tunnel& tunnel) {
  tunnel.kind = v1::TUNNEL_KIND_MPLS;
  ByteReader in(bytes);
  bool is_last = false;
  for (int labels = 0; !is_last; ++labels) {
    if (labels == kMaxLabels) return Discard::kBadTunnel;
    is_last = in.U32() & 0x100;
    if (!in.ok()) return Discard::kTruncatedTunnel;
  }
  const auto inside = in.rest();
  if (IsSurelyIp(inside)) return tunnel.Open(IpTypeOf(inside), inside);
  const bool may_be_control = !inside.empty() && inside[0] >> 4 == 0;
  // No MAC address begins so.
  const bool is_control = may_be_control && in.U32() == 0;
  if (!is_control && LooksLikeEthernet(inside)) {
    return tunnel.Open(kEthernetInside, inside);
  }
  if (may_be_control && LooksLikeEthernet(in.rest())) {
    return tunnel.Open(kEthernetInside, in.rest());
  }
  return tunnel.Open(IpTypeOf(inside), inside);
}

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+-------+---------------+-------------------------------+
//   |Ver (1)|Typ (1)|   Code (0)    |          Session id           |
//   +-------+-------+---------------+-------------------------------+
//   |            Length             |         PPP protocol          |
//   +-------------------------------+-------------------------------+
std::optional<Discard> OpenPppoe(std::span<const uint8_t> bytes,
                                 Tunnel& tunnel) {
  tunnel.kind = v1::TUNNEL_KIND_PPPOE;
  ByteReader in(bytes);
  const uint8_t version = in.U8();
  const uint8_t code = in.U8();
  in.U32();
  if (!in.ok()) return Discard::kTruncatedTunnel;
  if (version != 0x11 || code != 0) return Discard::kBadTunnel;
  return tunnel.Open(kPppInside, in.rest());
}

}  // namespace

std::optional<Discard> OpenLinkTunnel(uint16_t ether_type,
                                      std::span<const uint8_t> bytes,
                                      Tunnel& tunnel) {
  ByteReader in(bytes);
  switch (ether_type) {
    case 0x8847:
    case 0x8848:
      return OpenMpls(bytes, tunnel);
    case 0x8864:
      return OpenPppoe(bytes, tunnel);
    case 0x8926:  // VN-Tag: two interfaces.
      tunnel.kind = v1::TUNNEL_KIND_VN_TAG;
      in.Take(4);
      return OpenedTag(in, tunnel);
    case 0x893f:  // E-Tag (802.1BR): priority, two identifiers.
      tunnel.kind = v1::TUNNEL_KIND_VN_TAG;
      in.Take(6);
      return OpenedTag(in, tunnel);
    case 0x88e7:  // PBB: flags and service identifier.
      tunnel.kind = v1::TUNNEL_KIND_PBB;
      in.Take(4);
      if (!in.ok()) return Discard::kTruncatedTunnel;
      return tunnel.Open(kEthernetInside, in.rest());
    case 0x88e5:
      tunnel.kind = v1::TUNNEL_KIND_MACSEC;
      return Discard::kNotIp;
    default:
      return Discard::kNotIp;
  }
}

}  // namespace callbraid::sensor
