#include "sensor/decap/frame_census.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "common/bytes/byte_reader.h"
#include "sensor/decap/ip_tunnel.h"
#include "sensor/decap/other_signalling.h"
#include "sensor/decap/udp_tunnel.h"

namespace callbraid::sensor {
namespace {

constexpr size_t kMaxVlans = 32;

constexpr size_t kEthernetHeader = 14;
constexpr uint16_t kEspPort = 4500;
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

}  // namespace

FrameCensus::FrameCensus(std::vector<uint16_t> sip_ports)
    : sip_ports_(WithTls(std::move(sip_ports))),
      vlan_frames_(std::make_unique<std::array<uint64_t, 4096>>()) {}

// Bulk TCP comes in merged frames wherever receive offload is on, and does no
// harm there. A tunnel is longer than what it carries, which comes next.
void FrameCensus::OnOddSize(const IpPacket& packet) {
  constexpr uint8_t kTcp = 6;
  constexpr uint8_t kUdp = 17;
  if (IsIpTunnel(packet.protocol)) return;
  if (packet.protocol == kUdp && packet.fragment_offset == 0) {
    ByteReader in(packet.payload);
    in.U16();
    if (IsUdpTunnelPort(in.U16())) return;
  }
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

void FrameCensus::OnTunnel(const Tunnel& tunnel, bool opened, size_t cut) {
  TunnelFrames& count = tunnels_[static_cast<size_t>(tunnel.kind)];
  ++count.frames;
  if (!opened) return;
  ++count.opened;
  // What follows is judged as if it had come without the tunnel.
  captured_ = tunnel.inside.size();
  if (tunnel.ether_type != kEthernetInside) captured_ += kEthernetHeader;
  on_wire_ = captured_ + cut;
}

void FrameCensus::CountOtherSignalling(const Datagram& datagram) {
  ++other_signalling_[static_cast<size_t>(OtherSignallingOf(datagram))];
}

void FrameCensus::OnOtherUdp(const Datagram& datagram) {
  CountOtherSignalling(datagram);
  const auto& payload = datagram.payload;
  // Record type handshake, DTLS 1.0 or 1.2 (RFC 6347, section 4.1).
  if (payload.size() > 13 && payload[0] == 22 && payload[1] == 0xfe) {
    ++dtls_handshakes_;
  } else if (datagram.flow.destination.port == kEspPort &&
             payload.size() >= 8 && ByteReader(payload).U32() != 0) {
    // ESP (RFC 3948); IKE has 4 bytes of 0 there.
    ++tunnels_[v1::TUNNEL_KIND_IPSEC].frames;
  }
}

void FrameCensus::OnTcp(const Datagram& segment) {
  ++tcp_segments_;
  CountOtherSignalling(segment);
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
  for (size_t kind = 1; kind < tunnels_.size(); ++kind) {
    if (tunnels_[kind].frames == 0) continue;
    v1::TunnelCount& tunnel = *census.add_tunnels();
    tunnel.set_kind(static_cast<v1::TunnelKind>(kind));
    tunnel.set_frames(tunnels_[kind].frames);
    tunnel.set_decapsulated(tunnels_[kind].opened);
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
  for (size_t protocol = 1; protocol < other_signalling_.size(); ++protocol) {
    if (other_signalling_[protocol] == 0) continue;
    v1::ProtocolCount& count = *census.add_other_protocols();
    count.set_protocol(static_cast<v1::SignallingProtocol>(protocol));
    count.set_messages(other_signalling_[protocol]);
  }
}

}  // namespace callbraid::sensor
