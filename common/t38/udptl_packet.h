#ifndef CALLBRAID_COMMON_T38_UDPTL_PACKET_H_
#define CALLBRAID_COMMON_T38_UDPTL_PACKET_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace callbraid {

// One packet of UDPTL (ITU-T T.38, section 9.1): an IFP packet, and what
// earlier ones can be had from if they were lost.
//
// Spans point into the datagram that was parsed: a view, valid only as long as
// that datagram.
struct UdptlPacket {
  static constexpr size_t kMaxRecovery = 16;

  // IFP packets that were sent before, or parities of them.
  enum class Recovery : uint8_t { kRedundancy, kParity };

  uint16_t sequence = 0;
  // The IFP packet with that number.
  std::span<const uint8_t> primary;
  Recovery recovery_kind = Recovery::kRedundancy;
  // Of parity: how many packets each entry is the exclusive or of.
  uint8_t parity_span = 0;
  // Redundancy: the packets before the primary one, newest first. Parity: entry
  // i is of packets sequence + i - k * recovery_count, for k from 1 to
  // parity_span. What is beyond kMaxRecovery is left out.
  uint8_t recovery_count = 0;
  std::array<std::span<const uint8_t>, kMaxRecovery> recovery = {};
};

// Bytes of the sequence number, before which nothing is.
inline constexpr size_t kUdptlHeaderBytes = 2;

// Nullopt unless `datagram` is UDPTL to its last byte and the primary packet is
// an IFP packet. Never allocates, throws or logs.
std::optional<UdptlPacket> ParseUdptl(
    std::span<const uint8_t> datagram) noexcept;

// The same of what follows the sequence number.
std::optional<UdptlPacket> ParseUdptl(uint16_t sequence,
                                      std::span<const uint8_t> rest) noexcept;

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_T38_UDPTL_PACKET_H_
