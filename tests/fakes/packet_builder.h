#ifndef CALLBRAID_TESTS_FAKES_PACKET_BUILDER_H_
#define CALLBRAID_TESTS_FAKES_PACKET_BUILDER_H_

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace callbraid::fakes {

using Bytes = std::vector<uint8_t>;

inline Bytes ToBytes(std::string_view text) {
  return Bytes(text.begin(), text.end());
}

inline void Append(Bytes& out, std::span<const uint8_t> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}
inline void AppendU16(Bytes& out, uint16_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}
inline void AppendU32(Bytes& out, uint32_t value) {
  AppendU16(out, static_cast<uint16_t>(value >> 16));
  AppendU16(out, static_cast<uint16_t>(value));
}

// An RTP packet (RFC 3550, section 5.1) without CSRCs, extension and padding.
struct Rtp {
  uint32_t ssrc = 0x11223344;
  uint16_t sequence = 1;
  uint32_t timestamp = 160;
  uint8_t payload_type = 0;
  bool marker = false;
  Bytes payload = Bytes(160, 0xd5);

  Bytes Build() const {
    Bytes out = {0x80,
                 static_cast<uint8_t>(payload_type | (marker ? 0x80 : 0))};
    AppendU16(out, sequence);
    AppendU32(out, timestamp);
    AppendU32(out, ssrc);
    Append(out, payload);
    return out;
  }
};

// Builds frames: Ethernet, VLAN tags, IPv4 or IPv6, UDP or TCP. Checksums are
// zero, as a mirror of a host that offloads them may show.
//
//   const Bytes frame = PacketBuilder()
//                           .From("10.0.0.1", 4000)
//                           .To("10.0.0.2", 4002)
//                           .Vlan(100)
//                           .Payload(Rtp{.sequence = 7}.Build())
//                           .Ethernet();
//
// An IPv6 address on both ends makes an IPv6 packet.
class PacketBuilder {
 public:
  static constexpr uint8_t kFin = 0x01;
  static constexpr uint8_t kSyn = 0x02;
  static constexpr uint8_t kRst = 0x04;
  static constexpr uint8_t kPush = 0x08;
  static constexpr uint8_t kAck = 0x10;

  PacketBuilder& From(std::string_view address, uint16_t port) {
    source_ = Address(address);
    source_port_ = port;
    return *this;
  }
  PacketBuilder& To(std::string_view address, uint16_t port) {
    destination_ = Address(address);
    destination_port_ = port;
    return *this;
  }
  PacketBuilder& SourceMac(std::array<uint8_t, 6> mac) {
    source_mac_ = mac;
    return *this;
  }
  PacketBuilder& DestinationMac(std::array<uint8_t, 6> mac) {
    destination_mac_ = mac;
    return *this;
  }
  // Outermost first.
  PacketBuilder& Vlan(uint16_t id, uint16_t ether_type = 0x8100) {
    AppendU16(tags_, ether_type);
    AppendU16(tags_, id);
    return *this;
  }
  PacketBuilder& Ttl(uint8_t ttl) {
    ttl_ = ttl;
    return *this;
  }
  PacketBuilder& Dscp(uint8_t dscp) {
    dscp_ = dscp;
    return *this;
  }
  // IPv4: 16 bits. IPv6: only in fragments.
  PacketBuilder& IpId(uint32_t id) {
    ip_id_ = id;
    return *this;
  }
  // IPv4 options; a multiple of 4 bytes.
  PacketBuilder& IpOptions(Bytes options) {
    ip_options_ = std::move(options);
    return *this;
  }
  // IPv6 extension headers as they stand, without the fragment header; the
  // last one's next header field must name what follows. `first` is the type
  // of the first one.
  PacketBuilder& Extensions(uint8_t first, Bytes headers) {
    extension_type_ = first;
    extensions_ = std::move(headers);
    return *this;
  }
  // TCP instead of UDP.
  PacketBuilder& Tcp(uint32_t sequence, uint8_t flags = kAck,
                     uint32_t acknowledged = 0) {
    protocol_ = 6;
    tcp_sequence_ = sequence;
    tcp_flags_ = flags;
    tcp_acknowledged_ = acknowledged;
    return *this;
  }
  // What the UDP header says instead of the truth.
  PacketBuilder& UdpLength(uint16_t length) {
    udp_length_ = length;
    return *this;
  }
  // What the IP header says (IPv4: total length, IPv6: payload length).
  PacketBuilder& IpLength(uint16_t length) {
    ip_length_ = length;
    has_ip_length_ = true;
    return *this;
  }
  PacketBuilder& Payload(Bytes payload) {
    payload_ = std::move(payload);
    return *this;
  }
  PacketBuilder& Payload(std::string_view text) {
    return Payload(ToBytes(text));
  }

  // The UDP datagram or TCP segment with its header.
  Bytes Transport() const {
    Bytes out;
    AppendU16(out, source_port_);
    AppendU16(out, destination_port_);
    if (protocol_ == 6) {
      AppendU32(out, tcp_sequence_);
      AppendU32(out, tcp_acknowledged_);
      Append(out, Bytes{0x50, tcp_flags_, 0xff, 0xff, 0, 0, 0, 0});
    } else {
      AppendU16(out, udp_length_ != 0
                         ? udp_length_
                         : static_cast<uint16_t>(8 + payload_.size()));
      AppendU16(out, 0);
    }
    Append(out, payload_);
    return out;
  }

  // The IP packet.
  Bytes Ip() const {
    Bytes out = extensions_;
    Append(out, Transport());
    return IpHeader(extensions_.empty() ? protocol_ : extension_type_, 0, out);
  }

  // The frame, padded to 60 bytes as Ethernet asks.
  Bytes Ethernet() const { return Frame(Ip()); }

  // The same in fragments of at most `size` bytes of IP payload (rounded down
  // to a multiple of 8), in order.
  std::vector<Bytes> Fragments(size_t size) const {
    const Bytes whole = Transport();
    const size_t step = size / 8 * 8;
    std::vector<Bytes> frames;
    for (size_t offset = 0; offset < whole.size(); offset += step) {
      const size_t length = std::min(step, whole.size() - offset);
      frames.push_back(
          Fragment(offset, offset + length < whole.size(),
                   std::span<const uint8_t>(whole).subspan(offset, length)));
    }
    return frames;
  }

  // One fragment with these bytes of IP payload, sound or not.
  Bytes Fragment(size_t offset, bool more,
                 std::span<const uint8_t> part) const {
    if (source_.size() == 4) {
      const auto field =
          static_cast<uint16_t>(offset / 8 | (more ? 0x2000 : 0));
      return Frame(IpHeader(protocol_, field, part));
    }
    Bytes out = {protocol_, 0};
    AppendU16(out, static_cast<uint16_t>(offset | (more ? 1 : 0)));
    AppendU32(out, ip_id_);
    Append(out, part);
    return Frame(IpHeader(44, 0, out));
  }

 private:
  static Bytes Address(std::string_view text) {
    Bytes v4(4);
    if (inet_pton(AF_INET, std::string(text).c_str(), v4.data()) == 1) {
      return v4;
    }
    Bytes v6(16);
    inet_pton(AF_INET6, std::string(text).c_str(), v6.data());
    return v6;
  }

  Bytes IpHeader(uint8_t protocol, uint16_t fragment_field,
                 std::span<const uint8_t> payload) const {
    Bytes out;
    if (source_.size() == 4) {
      const size_t header = 20 + ip_options_.size();
      out = {static_cast<uint8_t>(0x40 | header / 4),
             static_cast<uint8_t>(dscp_ << 2)};
      AppendU16(out, has_ip_length_
                         ? ip_length_
                         : static_cast<uint16_t>(header + payload.size()));
      AppendU16(out, static_cast<uint16_t>(ip_id_));
      AppendU16(out, fragment_field);
      Append(out, Bytes{ttl_, protocol, 0, 0});
    } else {
      AppendU32(out, 0x60000000 | static_cast<uint32_t>(dscp_) << 22);
      AppendU16(out, has_ip_length_ ? ip_length_
                                    : static_cast<uint16_t>(payload.size()));
      Append(out, Bytes{protocol, ttl_});
    }
    Append(out, source_);
    Append(out, destination_);
    if (source_.size() == 4) Append(out, ip_options_);
    Append(out, payload);
    return out;
  }

  Bytes Frame(std::span<const uint8_t> ip) const {
    Bytes out;
    Append(out, destination_mac_);
    Append(out, source_mac_);
    Append(out, tags_);
    AppendU16(out, source_.size() == 4 ? 0x0800 : 0x86dd);
    Append(out, ip);
    if (out.size() < 60) out.resize(60);
    return out;
  }

  Bytes source_ = {10, 0, 0, 1};
  Bytes destination_ = {10, 0, 0, 2};
  uint16_t source_port_ = 4000;
  uint16_t destination_port_ = 4002;
  std::array<uint8_t, 6> source_mac_ = {2, 0, 0, 0, 0, 1};
  std::array<uint8_t, 6> destination_mac_ = {2, 0, 0, 0, 0, 2};
  Bytes tags_;
  uint8_t ttl_ = 64;
  uint8_t dscp_ = 0;
  uint32_t ip_id_ = 0;
  Bytes ip_options_;
  uint8_t extension_type_ = 0;
  Bytes extensions_;
  uint8_t protocol_ = 17;
  uint32_t tcp_sequence_ = 0;
  uint32_t tcp_acknowledged_ = 0;
  uint8_t tcp_flags_ = 0;
  uint16_t udp_length_ = 0;
  uint16_t ip_length_ = 0;
  bool has_ip_length_ = false;
  Bytes payload_;
};

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_PACKET_BUILDER_H_
