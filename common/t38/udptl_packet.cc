#include "common/t38/udptl_packet.h"

#include "common/bytes/byte_reader.h"
#include "common/t38/ifp_packet.h"

namespace callbraid {
namespace {

constexpr uint8_t kParityBit = 0x80;

// A length, or count, of packed encoding rules (ITU-T X.691, section 10.9): one
// byte below 128, two with the high bits 10 below 16,384. Longer ones come in
// fragments, which no datagram needs.
std::optional<size_t> ReadLength(ByteReader& in) {
  const uint8_t first = in.U8();
  if (first < 0x80) return first;
  if (first >= 0xc0) return std::nullopt;
  return size_t{first & 0x3fu} << 8 | in.U8();
}

std::optional<std::span<const uint8_t>> ReadOctets(ByteReader& in) {
  const auto size = ReadLength(in);
  if (!size) return std::nullopt;
  return in.Take(*size);
}

// Whether the entries are well-formed, to the end.
bool ReadRecovery(ByteReader& in, UdptlPacket& packet) {
  const auto count = ReadLength(in);
  if (!count) return false;
  for (size_t i = 0; i < *count; ++i) {
    const auto entry = ReadOctets(in);
    if (!entry || !in.ok()) return false;
    if (i < UdptlPacket::kMaxRecovery) packet.recovery[i] = *entry;
  }
  // Parities are counted from: none may be left out.
  const bool all = *count <= UdptlPacket::kMaxRecovery;
  if (!all && packet.recovery_kind == UdptlPacket::Recovery::kParity) {
    return false;
  }
  packet.recovery_count =
      static_cast<uint8_t>(all ? *count : UdptlPacket::kMaxRecovery);
  return true;
}

}  // namespace

std::optional<UdptlPacket> ParseUdptl(
    std::span<const uint8_t> datagram) noexcept {
  ByteReader in(datagram);
  const uint16_t sequence = in.U16();
  if (!in.ok()) return std::nullopt;
  return ParseUdptl(sequence, in.rest());
}

//  length:1-2 primary
//  0x00 count:1-2 (length:1-2 IFP packet)*             redundancy
//  0x80 0x01 span:1 count:1-2 (length:1-2 parity)*     parity (FEC)
std::optional<UdptlPacket> ParseUdptl(uint16_t sequence,
                                      std::span<const uint8_t> rest) noexcept {
  ByteReader in(rest);
  UdptlPacket packet;
  packet.sequence = sequence;
  const auto primary = ReadOctets(in);
  if (!primary || !in.ok() || !ParseIfp(*primary)) return std::nullopt;
  packet.primary = *primary;
  const uint8_t kind = in.U8();
  if ((kind & ~kParityBit) != 0) return std::nullopt;
  if (kind & kParityBit) {
    packet.recovery_kind = UdptlPacket::Recovery::kParity;
    if (in.U8() != 1) return std::nullopt;  // Bytes of the number.
    packet.parity_span = in.U8();
  }
  if (!ReadRecovery(in, packet) || !in.ok() || !in.rest().empty()) {
    return std::nullopt;
  }
  return packet;
}

}  // namespace callbraid
