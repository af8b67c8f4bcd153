#include "sensor/decap/frame_census.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "common/bytes/byte_reader.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kMaxVlans = 32;

constexpr uint16_t kArp = 0x0806;
constexpr uint16_t kSipTlsPort = 5061;

uint32_t Saturated(size_t number) {
  return static_cast<uint32_t>(
      std::min<size_t>(number, std::numeric_limits<uint32_t>::max()));
}

// The Internet checksum's sum (RFC 1071), not complemented.
uint16_t Fold(uint64_t sum) {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<uint16_t>(sum);
}
uint64_t SumOf(std::span<const uint8_t> bytes) {
  uint64_t sum = 0;
  size_t i = 0;
  for (; i + 1 < bytes.size(); i += 2) sum += bytes[i] << 8 | bytes[i + 1];
  if (i < bytes.size()) sum += bytes[i] << 8;
  return sum;
}

std::vector<uint16_t> WithTls(std::vector<uint16_t> ports) {
  if (ports.empty()) ports.push_back(5060);
  ports.push_back(kSipTlsPort);
  return ports;
}

// GRE (RFC 2784): flags and version (2 bytes), EtherType of what is inside.
std::optional<v1::TunnelKind> GreKind(std::span<const uint8_t> gre) {
  ByteReader in(gre);
  in.U16();
  const uint16_t inside = in.U16();
  if (!in.ok()) return std::nullopt;
  switch (inside) {
    case 0x88be:  // ERSPAN I, II.
    case 0x22eb:  // ERSPAN III.
      return v1::TUNNEL_KIND_ERSPAN;
    case 0x6558:
      return v1::TUNNEL_KIND_NVGRE;
    default:
      return v1::TUNNEL_KIND_GRE;
  }
}

// By port, and by a header that makes sense there.
std::optional<v1::TunnelKind> UdpTunnelKind(const Datagram& datagram) {
  const auto& payload = datagram.payload;
  if (payload.size() < 8) return std::nullopt;
  switch (datagram.flow.destination.port) {
    case 4789:  // RFC 7348; 8472 is Linux's of before.
    case 8472:
      if (payload[0] != 0x08) return std::nullopt;
      return v1::TUNNEL_KIND_VXLAN;
    case 6081:  // RFC 8926: version 0, Ethernet or IP inside.
      if (payload[0] >> 6 != 0 ||
          !((payload[2] == 0x65 && payload[3] == 0x58) ||
            (payload[2] == 0x08 && payload[3] == 0x00) ||
            (payload[2] == 0x86 && payload[3] == 0xdd))) {
        return std::nullopt;
      }
      return v1::TUNNEL_KIND_GENEVE;
    case 2152:  // 3GPP TS 29.281: version 1, GTP, message type G-PDU.
      if (payload[0] >> 4 != 3 || payload[1] != 255) return std::nullopt;
      return v1::TUNNEL_KIND_GTP_U;
    case 37008:  // Version 1, received packet, Ethernet.
      if (payload[0] != 1 || payload[1] != 0) return std::nullopt;
      return v1::TUNNEL_KIND_TZSP;
    case 4500:  // RFC 3948: ESP, unless the first 4 bytes are 0 (IKE).
      if (payload[0] == 0 && payload[1] == 0 && payload[2] == 0 &&
          payload[3] == 0) {
        return std::nullopt;
      }
      return v1::TUNNEL_KIND_IPSEC;
    default:
      return std::nullopt;
  }
}

}  // namespace

FrameCensus::FrameCensus(std::vector<uint16_t> sip_ports)
    : sip_ports_(WithTls(std::move(sip_ports))),
      vlan_frames_(std::make_unique<std::array<uint64_t, 4096>>()) {}

// Bulk TCP comes in merged frames wherever receive offload is on, and does no
// harm there.
void FrameCensus::OnOddSize(const IpPacket& packet) {
  constexpr uint8_t kTcp = 6;
  if (packet.protocol == kTcp && packet.fragment_offset == 0) {
    ByteReader in(packet.payload);
    const uint16_t source = in.U16();
    const uint16_t destination = in.U16();
    const auto is_sip = [source, destination](uint16_t port) {
      return port == source || port == destination;
    };
    if (std::none_of(sip_ports_.begin(), sip_ports_.end(), is_sip)) return;
  }
  if (on_wire_ > kLongestFrame) {
    ++oversize_frames_;
    longest_frame_ = std::max(longest_frame_, on_wire_);
  }
  if (captured_ < on_wire_) {
    ++truncated_frames_;
    longest_truncated_ = std::max(longest_truncated_, on_wire_);
  }
}

void FrameCensus::OnGroup(const LinkHeader& link) {
  const bool is_broadcast =
      std::all_of(link.destination_mac.begin(), link.destination_mac.end(),
                  [](uint8_t byte) { return byte == 0xff; });
  ++(is_broadcast ? broadcast_frames_ : multicast_frames_);
}

void FrameCensus::OnNotIp(uint16_t ether_type) {
  switch (ether_type) {
    case kArp:
      ++arp_frames_;
      break;
    case 0x8847:
    case 0x8848:
      OnTunnel(v1::TUNNEL_KIND_MPLS);
      break;
    case 0x8864:
      OnTunnel(v1::TUNNEL_KIND_PPPOE);
      break;
    case 0x8926:  // VN-Tag.
    case 0x893f:  // E-Tag.
      OnTunnel(v1::TUNNEL_KIND_VN_TAG);
      break;
    default:
      break;
  }
}

void FrameCensus::OnOtherProtocol(const IpPacket& packet) {
  switch (packet.protocol) {
    case 4:   // IPv4
    case 41:  // and IPv6 in IP.
      OnTunnel(v1::TUNNEL_KIND_IP_IN_IP);
      break;
    case 47:
      if (const auto kind = GreKind(packet.payload)) OnTunnel(*kind);
      break;
    case 50:  // ESP.
      OnTunnel(v1::TUNNEL_KIND_IPSEC);
      break;
    case 115:
      OnTunnel(v1::TUNNEL_KIND_L2TP);
      break;
    default:
      break;
  }
}

// Whatever is not RTP or RTCP.
void FrameCensus::OnOtherUdp(const Datagram& datagram) {
  const auto& payload = datagram.payload;
  // Record type handshake, DTLS 1.0 or 1.2 (RFC 6347, section 4.1).
  if (payload.size() > 13 && payload[0] == 22 && payload[1] == 0xfe) {
    ++dtls_handshakes_;
  } else if (const auto kind = UdpTunnelKind(datagram)) {
    OnTunnel(*kind);
  }
}

void FrameCensus::OnTcp(const Datagram& segment) {
  ++tcp_segments_;
  if (segment.flow.source.port != kSipTlsPort &&
      segment.flow.destination.port != kSipTlsPort) {
    return;
  }
  // A record of SSL 3 or TLS begins here (RFC 8446, section 5.1).
  const auto& payload = segment.payload;
  if (payload.size() >= 5 && payload[0] >= 20 && payload[0] <= 23 &&
      payload[1] == 3) {
    ++sip_tls_segments_;
  }
}

// RFC 768; RFC 8200, section 8.1.
void FrameCensus::CheckChecksum(const IpPacket& packet) {
  if (packet.truncated() || packet.payload.size() < 8) return;
  const size_t length = packet.payload[4] << 8 | packet.payload[5];
  if (length < 8 || length > packet.payload.size()) return;
  ++checksums_checked_;
  const uint16_t checksum =
      static_cast<uint16_t>(packet.payload[6] << 8 | packet.payload[7]);
  if (checksum == 0) return;  // Not used.
  const uint64_t pseudo = SumOf(packet.source.bytes()) +
                          SumOf(packet.destination.bytes()) + length + 17;
  const uint64_t sum = pseudo + SumOf(packet.payload.first(length));
  if (Fold(sum) == 0xffff) return;
  ++(checksum == Fold(pseudo) ? checksums_partial_ : checksums_bad_);
}

void FrameCensus::FillVlans(v1::TrafficCensus& census) const {
  if (tagged_frames_ == 0) return;
  std::vector<uint32_t> ids;
  for (uint32_t id = 0; id < vlan_frames_->size(); ++id) {
    if ((*vlan_frames_)[id] > 0) ids.push_back(id);
  }
  const size_t count = std::min(ids.size(), kMaxVlans);
  std::partial_sort(ids.begin(), ids.begin() + static_cast<ptrdiff_t>(count),
                    ids.end(), [this](uint32_t a, uint32_t b) {
                      return (*vlan_frames_)[a] > (*vlan_frames_)[b];
                    });
  for (size_t i = 0; i < count; ++i) {
    v1::VlanCount& vlan = *census.add_vlans();
    vlan.set_vlan_id(ids[i]);
    vlan.set_frames((*vlan_frames_)[ids[i]]);
  }
}

void FrameCensus::Fill(v1::TrafficCensus& census) const {
  census.set_unicast_frames(unicast_frames_);
  census.set_multicast_frames(multicast_frames_);
  census.set_broadcast_frames(broadcast_frames_);
  census.set_own_frames(own_frames_);
  census.set_arp_frames(arp_frames_);
  census.set_tagged_frames(tagged_frames_);
  FillVlans(census);
  for (size_t kind = 0; kind < tunnels_.size(); ++kind) {
    if (tunnels_[kind] == 0) continue;
    v1::TunnelCount& tunnel = *census.add_tunnels();
    tunnel.set_kind(static_cast<v1::TunnelKind>(kind));
    tunnel.set_frames(tunnels_[kind]);
  }
  census.set_oversize_frames(oversize_frames_);
  census.set_longest_frame(Saturated(longest_frame_));
  census.set_truncated_frames(truncated_frames_);
  census.set_longest_truncated_frame(Saturated(longest_truncated_));
  census.set_checksums_checked(checksums_checked_);
  census.set_checksums_partial(checksums_partial_);
  census.set_checksums_bad(checksums_bad_);
  census.set_first_fragments(first_fragments_);
  census.set_later_fragments(later_fragments_);
  census.set_udp_datagrams(udp_datagrams_);
  census.set_tcp_segments(tcp_segments_);
  census.set_sip_tls_segments(sip_tls_segments_);
  census.set_dtls_handshakes(dtls_handshakes_);
}

}  // namespace callbraid::sensor
