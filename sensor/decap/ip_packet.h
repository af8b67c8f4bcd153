#ifndef CALLBRAID_SENSOR_DECAP_IP_PACKET_H_
#define CALLBRAID_SENSOR_DECAP_IP_PACKET_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "common/net/endpoint.h"
#include "sensor/decap/discard.h"

namespace callbraid::sensor {

// One IPv4 (RFC 791) or IPv6 (RFC 8200) packet. A view.
struct IpPacket {
  IpAddress source;
  IpAddress destination;
  // What `payload` is: 6 TCP, 17 UDP...
  uint8_t protocol = 0;
  uint8_t dscp = 0;
  bool is_v6 = false;
  // A fragment of a datagram; IPv6: `protocol` is that of its first fragment.
  bool is_fragment = false;
  bool more_fragments = false;
  uint16_t fragment_offset = 0;  // Bytes.
  // Identification: 16 bits in IPv4, 32 in an IPv6 fragment, else 0.
  uint32_t id = 0;
  // Behind options and extension headers, without Ethernet padding.
  std::span<const uint8_t> payload;
  // As the header says; more than payload.size() if the capture cut it.
  size_t payload_length = 0;

  bool truncated() const { return payload.size() < payload_length; }
  // Bytes that the capture cut off.
  size_t cut() const {
    return truncated() ? payload_length - payload.size() : 0;
  }
};

// `wire_length` is the length of `bytes` on the wire; it stands in for a length
// of 0, which large segments show that a host captured before its NIC cut them.
// Returns why the packet cannot be used, or nullopt. Never checks checksums,
// allocates or throws.
std::optional<Discard> ParseIp(std::span<const uint8_t> bytes,
                               size_t wire_length, IpPacket& packet);

// Moves `packet`'s payload behind IPv6 extension headers, up to a fragment
// header, which is taken too. ParseIp() does this; again after reassembly.
std::optional<Discard> SkipExtensions(IpPacket& packet);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_IP_PACKET_H_
