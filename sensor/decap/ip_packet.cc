#include "sensor/decap/ip_packet.h"

#include <algorithm>

#include "common/bytes/byte_reader.h"

namespace callbraid::sensor {
namespace {

constexpr int kMaxExtensions = 8;

constexpr uint8_t kHopByHop = 0;
constexpr uint8_t kRouting = 43;
constexpr uint8_t kFragment = 44;
constexpr uint8_t kAuthentication = 51;
constexpr uint8_t kDestinationOptions = 60;
constexpr uint8_t kMobility = 135;

void SetPayload(IpPacket& packet, std::span<const uint8_t> rest,
                size_t length) {
  packet.payload = rest.first(std::min(rest.size(), length));
  packet.payload_length = length;
}

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+-------+-----------+---+-------------------------------+
//   |Version|  IHL  |   DSCP    |ECN|         Total length          |
//   +-------+-------+-----------+---+-----+-------------------------+
//   |        Identification         |flags|    Fragment offset      |
//   +---------------+---------------+-----+-------------------------+
//   |  Time to live |    Protocol   |       Header checksum         |
//   +---------------+---------------+-------------------------------+
//   |                        Source address                         |
//   +---------------------------------------------------------------+
//   |                     Destination address                       |
//   +---------------------------------------------------------------+
//   |                    Options (IHL > 5) ...
std::optional<Discard> ParseV4(std::span<const uint8_t> bytes,
                               size_t wire_length, IpPacket& packet) {
  ByteReader in(bytes);
  const size_t header_length = size_t{4} * (in.U8() & 0x0f);
  packet.dscp = in.U8() >> 2;
  size_t total_length = in.U16();
  packet.id = in.U16();
  const uint16_t fragment = in.U16();
  in.U8();
  packet.protocol = in.U8();
  in.U16();
  const auto source = in.Take(4);
  const auto destination = in.Take(4);
  if (!in.ok()) return Discard::kTruncatedIp;
  if (total_length == 0) total_length = wire_length;
  if (header_length < 20 || total_length < header_length) {
    return Discard::kBadIp;
  }
  in.Take(header_length - 20);
  if (!in.ok()) return Discard::kTruncatedIp;

  packet.source = *IpAddress::FromBytes(source);
  packet.destination = *IpAddress::FromBytes(destination);
  packet.more_fragments = fragment & 0x2000;
  packet.fragment_offset = static_cast<uint16_t>((fragment & 0x1fff) * 8);
  packet.is_fragment = packet.more_fragments || packet.fragment_offset != 0;
  SetPayload(packet, in.rest(), total_length - header_length);
  return std::nullopt;
}

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------+-----------+---+---------------------------------------+
//   |Version|   DSCP    |ECN|              Flow label               |
//   +-------+-----------+---+-------+---------------+---------------+
//   |        Payload length         |  Next header  |   Hop limit   |
//   +-------------------------------+---------------+---------------+
//   |                 Source address (16 bytes)                     |
//   +---------------------------------------------------------------+
//   |               Destination address (16 bytes)                  |
//   +---------------------------------------------------------------+
std::optional<Discard> ParseV6(std::span<const uint8_t> bytes,
                               size_t wire_length, IpPacket& packet) {
  ByteReader in(bytes);
  packet.dscp = static_cast<uint8_t>(in.U32() >> 22 & 0x3f);
  size_t payload_length = in.U16();
  packet.protocol = in.U8();
  in.U8();
  const auto source = in.Take(16);
  const auto destination = in.Take(16);
  if (!in.ok()) return Discard::kTruncatedIp;
  if (payload_length == 0 && wire_length > 40) {
    payload_length = wire_length - 40;
  }

  packet.is_v6 = true;
  packet.source = *IpAddress::FromBytes(source);
  packet.destination = *IpAddress::FromBytes(destination);
  SetPayload(packet, in.rest(), payload_length);
  return SkipExtensions(packet);
}

}  // namespace

std::optional<Discard> SkipExtensions(IpPacket& packet) {
  ByteReader in(packet.payload);
  for (int count = 0; count <= kMaxExtensions; ++count) {
    const size_t before = in.rest().size();
    const uint8_t type = packet.protocol;
    switch (type) {
      case kHopByHop:
      case kRouting:
      case kDestinationOptions:
      case kMobility:
        packet.protocol = in.U8();
        in.Take(size_t{8} * in.U8() + 6);
        break;
      case kAuthentication:
        packet.protocol = in.U8();
        in.Take(size_t{4} * in.U8() + 6);
        break;
      case kFragment: {
        packet.protocol = in.U8();
        in.U8();
        const uint16_t field = in.U16();
        packet.id = in.U32();
        packet.fragment_offset = field & 0xfff8;
        packet.more_fragments = field & 1;
        // A fragment that is the whole datagram (RFC 6946) is none.
        packet.is_fragment = packet.more_fragments || field & 0xfff8;
        break;
      }
      default:
        return std::nullopt;
    }
    if (!in.ok()) {
      return packet.truncated() ? Discard::kTruncatedIp : Discard::kBadIp;
    }
    packet.payload_length -= before - in.rest().size();
    packet.payload = in.rest();
    if (type == kFragment && packet.is_fragment) return std::nullopt;
  }
  return Discard::kTooManyExtensions;
}

std::optional<Discard> ParseIp(std::span<const uint8_t> bytes,
                               size_t wire_length, IpPacket& packet) {
  if (bytes.empty()) return Discard::kTruncatedIp;
  switch (bytes[0] >> 4) {
    case 4:
      return ParseV4(bytes, wire_length, packet);
    case 6:
      return ParseV6(bytes, wire_length, packet);
    default:
      return Discard::kBadIp;
  }
}

}  // namespace callbraid::sensor
