#include "sensor/decap/link_layer.h"

#include <pcap/dlt.h>

#include <algorithm>

#include "common/bytes/byte_reader.h"

namespace callbraid::sensor {
namespace {

constexpr uint16_t kIpv4 = 0x0800;
constexpr uint16_t kIpv6 = 0x86dd;
constexpr uint16_t kMpls = 0x8847;
constexpr uint16_t kPppoe = 0x8864;

constexpr uint16_t kPppIpv4 = 0x0021;
constexpr uint16_t kPppIpv6 = 0x0057;

bool IsTag(uint16_t ether_type) {
  return ether_type == 0x8100 || ether_type == 0x88a8 ||  // 802.1Q, 802.1ad
         ether_type == 0x9100 || ether_type == 0x9200;    // QinQ before 802.1ad
}

// Follows tags to the IP packet behind them. A tag, and what follows it:
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-----+-+-----------------------+-------------------------------+
//   | PCP |D|        VLAN id        |          EtherType            |
//   +-----+-+-----------------------+-------------------------------+
std::optional<Discard> FollowTags(uint16_t ether_type, ByteReader in,
                                  LinkHeader& link,
                                  std::span<const uint8_t>& ip) {
  while (IsTag(ether_type)) {
    if (link.vlan_count == link.vlan_ids.size()) return Discard::kTooManyTags;
    link.vlan_ids[link.vlan_count++] = in.U16() & 0x0fff;
    ether_type = in.U16();
  }
  if (!in.ok()) return Discard::kTruncatedLink;
  link.ether_type = ether_type;
  ip = in.rest();
  if (ether_type != kIpv4 && ether_type != kIpv6) return Discard::kNotIp;
  return std::nullopt;
}

std::optional<Discard> ParseEthernet(std::span<const uint8_t> frame,
                                     LinkHeader& link,
                                     std::span<const uint8_t>& ip) {
  ByteReader in(frame);
  const auto destination = in.Take(6);
  const auto source = in.Take(6);
  const uint16_t ether_type = in.U16();
  if (!in.ok()) return Discard::kTruncatedLink;
  std::copy_n(destination.begin(), 6, link.destination_mac.begin());
  std::copy_n(source.begin(), 6, link.source_mac.begin());
  link.has_mac = true;
  return FollowTags(ether_type, in, link, ip);
}

// IEEE 802.11: frame control (2 bytes, little end first), duration (2), three
// addresses, sequence control (2), the fourth address if the frame goes from
// one access point to the next, QoS control (2) if it has a class, HT control
// (4) if the order bit is set then; LLC and SNAP (6), EtherType (2).
//
// Only data that is neither encrypted nor several packets in one. `is_padded`:
// some chips let LLC begin at a multiple of 4 bytes.
std::optional<Discard> ParseWireless(std::span<const uint8_t> frame,
                                     bool is_padded, LinkHeader& link,
                                     std::span<const uint8_t>& ip) {
  ByteReader in(frame);
  const uint8_t type = in.U8();
  const uint8_t flags = in.U8();
  if (!in.ok()) return Discard::kTruncatedLink;
  // Beacons, acknowledgements, data frames without data; encrypted.
  if ((type & 0x4f) != 0x08 || flags & 0x40) return Discard::kNotIp;
  const bool to_network = flags & 0x01;
  const bool from_network = flags & 0x02;
  in.U16();
  const auto receiver = in.Take(6);
  const auto sender = in.Take(6);
  const auto third = in.Take(6);
  in.U16();
  const auto fourth = to_network && from_network ? in.Take(6) : third;
  const uint8_t qos = type & 0x80 ? in.U8() : 0;
  if (type & 0x80) in.U8();
  if (type & 0x80 && flags & 0x80) in.U32();
  if (qos & 0x80) return Discard::kNotIp;  // Several packets.
  const size_t header = frame.size() - in.rest().size();
  if (is_padded) in.Take(-header & 3);
  const bool has_snap = in.U32() == 0xaaaa0300;
  in.U16();
  const uint16_t ether_type = in.U16();
  if (!in.ok()) return Discard::kTruncatedLink;
  if (!has_snap) return Discard::kNotIp;
  const auto destination = to_network ? third : receiver;
  const auto source = from_network ? fourth : sender;
  std::copy_n(destination.begin(), 6, link.destination_mac.begin());
  std::copy_n(source.begin(), 6, link.source_mac.begin());
  link.has_mac = true;
  return FollowTags(ether_type, in, link, ip);
}

uint32_t LittleEnd32(ByteReader& in) { return __builtin_bswap32(in.U32()); }

// Radiotap: version (1 byte), padding (1), length of all of it (2, little end
// first), then what the radio knew: words of bits that say which fields there
// are, where the highest says that another word follows, and the fields in the
// order of their bits, each aligned to its size. The first two are a time (8)
// and flags (1).
std::optional<Discard> ParseRadiotap(std::span<const uint8_t> frame,
                                     LinkHeader& link,
                                     std::span<const uint8_t>& ip) {
  constexpr uint32_t kHasTime = 0x01;
  constexpr uint32_t kHasFlags = 0x02;
  constexpr uint32_t kHasMoreBits = 0x80000000;
  constexpr uint8_t kPadded = 0x20;
  ByteReader in(frame);
  in.U16();
  const size_t length = __builtin_bswap16(in.U16());
  if (!in.ok() || length < 8 || length > frame.size()) {
    return Discard::kTruncatedLink;
  }
  ByteReader fields(frame.first(length));
  fields.U32();
  const uint32_t first = LittleEnd32(fields);
  for (uint32_t bits = first; bits & kHasMoreBits;) bits = LittleEnd32(fields);
  if (first & kHasTime) {
    fields.Take((fields.rest().size() - length) & 7);
    fields.Take(8);
  }
  const uint8_t flags = first & kHasFlags ? fields.U8() : 0;
  // What the fields say beyond their end, they do not say.
  const bool is_padded = fields.ok() && flags & kPadded;
  return ParseWireless(frame.subspan(length), is_padded, link, ip);
}

// Cooked v1: packet type, ARPHRD, address length (2 bytes each), address (8),
// EtherType (2).
std::optional<Discard> ParseCookedV1(std::span<const uint8_t> frame,
                                     LinkHeader& link,
                                     std::span<const uint8_t>& ip) {
  ByteReader in(frame);
  in.Take(14);
  const uint16_t ether_type = in.U16();
  return FollowTags(ether_type, in, link, ip);
}

// Cooked v2: EtherType (2), reserved (2), interface (4), ARPHRD (2), packet
// type (1), address length (1), address (8).
std::optional<Discard> ParseCookedV2(std::span<const uint8_t> frame,
                                     LinkHeader& link,
                                     std::span<const uint8_t>& ip) {
  ByteReader in(frame);
  const uint16_t ether_type = in.U16();
  in.Take(18);
  return FollowTags(ether_type, in, link, ip);
}

bool IsIpFamily(uint32_t family) {
  // AF_INET is 2 everywhere; AF_INET6 depends on the system.
  return family == 2 || family == 10 || family == 24 || family == 28 ||
         family == 30;
}

// BSD loopback: an address family in the byte order of the machine that
// captured (DLT_NULL) or of the network (DLT_LOOP).
std::optional<Discard> ParseLoopback(std::span<const uint8_t> frame,
                                     std::span<const uint8_t>& ip) {
  ByteReader in(frame);
  const uint32_t family = in.U32();
  if (!in.ok()) return Discard::kTruncatedLink;
  if (!IsIpFamily(family) && !IsIpFamily(__builtin_bswap32(family))) {
    return Discard::kNotIp;
  }
  ip = in.rest();
  return std::nullopt;
}

// PPP in HDLC-like framing (RFC 1662): address and control (ff 03), protocol.
// The link may have agreed to leave out the first two, and to write a protocol
// below 256 as one byte, which is odd.
std::optional<Discard> ParsePpp(std::span<const uint8_t> frame,
                                std::span<const uint8_t>& ip) {
  ByteReader in(frame);
  uint16_t protocol = in.U8();
  if (protocol == 0xff) {
    in.U8();
    protocol = in.U8();
  }
  if (protocol % 2 == 0) {
    protocol = static_cast<uint16_t>(protocol << 8 | in.U8());
  }
  if (!in.ok()) return Discard::kTruncatedLink;
  if (protocol != kPppIpv4 && protocol != kPppIpv6) return Discard::kNotIp;
  ip = in.rest();
  return std::nullopt;
}

// Cisco HDLC: address, control (1 byte each), EtherType (2).
std::optional<Discard> ParseCiscoHdlc(std::span<const uint8_t> frame,
                                      LinkHeader& link,
                                      std::span<const uint8_t>& ip) {
  ByteReader in(frame);
  in.Take(2);
  const uint16_t ether_type = in.U16();
  return FollowTags(ether_type, in, link, ip);
}

}  // namespace

std::optional<Discard> ParseEtherType(uint16_t ether_type,
                                      std::span<const uint8_t> bytes,
                                      LinkHeader& link,
                                      std::span<const uint8_t>& ip) {
  return FollowTags(ether_type, ByteReader(bytes), link, ip);
}

std::optional<Discard> ParseLink(int link_type, std::span<const uint8_t> frame,
                                 LinkHeader& link,
                                 std::span<const uint8_t>& ip) {
  switch (link_type) {
    case DLT_EN10MB:
      return ParseEthernet(frame, link, ip);
    case DLT_LINUX_SLL:
      return ParseCookedV1(frame, link, ip);
    case DLT_LINUX_SLL2:
      return ParseCookedV2(frame, link, ip);
    case DLT_NULL:
    case DLT_LOOP:
      return ParseLoopback(frame, ip);
    case DLT_PPP:
    case DLT_PPP_SERIAL:
      return ParsePpp(frame, ip);
    case DLT_C_HDLC:
      return ParseCiscoHdlc(frame, link, ip);
    case DLT_PPP_ETHER:
      return ParseEtherType(kPppoe, frame, link, ip);
    case DLT_MPLS:
      return ParseEtherType(kMpls, frame, link, ip);
    case DLT_IEEE802_11:
      return ParseWireless(frame, /*is_padded=*/false, link, ip);
    case DLT_IEEE802_11_RADIO:
      return ParseRadiotap(frame, link, ip);
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
      ip = frame;
      return std::nullopt;
    default:
      return Discard::kUnknownLinkType;
  }
}

}  // namespace callbraid::sensor
