#include "sensor/decap/decapsulate.h"

#include <pcap/dlt.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "common/bytes/byte_reader.h"
#include "sensor/decap/ip_tunnel.h"
#include "sensor/decap/link_layer.h"
#include "sensor/decap/link_tunnel.h"
#include "sensor/decap/other_signalling.h"
#include "sensor/decap/udp_tunnel.h"

namespace callbraid::sensor {
namespace {

constexpr int64_t kDefaultMirrorWindowUs = 2000;

constexpr uint16_t kArp = 0x0806;
constexpr uint8_t kTcp = 6;
constexpr uint8_t kUdp = 17;
constexpr size_t kUdpHeader = 8;
constexpr size_t kTcpHeader = 20;

std::vector<uint16_t> SipPortsOf(const v1::CaptureConfig& config) {
  return {config.sip_ports().begin(), config.sip_ports().end()};
}

int64_t MirrorWindowNs(const v1::CaptureConfig& config) {
  const int64_t window_us = config.mirror_window_us() != 0
                                ? config.mirror_window_us()
                                : kDefaultMirrorWindowUs;
  return window_us * 1000;
}

}  // namespace

Decapsulator::Decapsulator(const v1::CaptureConfig& config, DatagramSink& sink,
                           NeighbourSink* neighbours)
    : keep_mirror_copies_(config.keep_mirror_copies()),
      tells_sessions_apart_(config.mirrors().empty()),
      sink_(sink),
      neighbours_(neighbours),
      census_(SipPortsOf(config)),
      deduplicator_(MirrorWindowNs(config)),
      reassembler_(counters_) {}

void Decapsulator::OnPacket(const CapturedPacket& packet) {
  Datagram datagram;
  datagram.time_ns = packet.time_ns;
  session_ = MirrorSessions::kNone;
  std::span<const uint8_t> ip;
  const auto reason =
      ParseLink(packet.link_type, packet.bytes, datagram.link, ip);
  census_.OnFrame(packet.bytes.size(), packet.wire_length, datagram.link);
  const size_t cut = packet.wire_length > packet.bytes.size()
                         ? packet.wire_length - packet.bytes.size()
                         : 0;
  OnLink(reason, ip, cut, datagram);
}

void Decapsulator::OnTime(int64_t watermark_ns) {
  reassembler_.Expire(watermark_ns);
}

void Decapsulator::Finish() {
  reassembler_.Clear();
  sequences_.Finish();
}

void Decapsulator::OnLink(std::optional<Discard> reason,
                          std::span<const uint8_t> bytes, size_t cut,
                          Datagram& datagram) {
  if (!reason) return OnIp(bytes, cut, datagram);
  if (*reason == Discard::kNotIp) return OnNotIp(bytes, cut, datagram);
  counters_.Count(*reason);
}

void Decapsulator::OnNotIp(std::span<const uint8_t> bytes, size_t cut,
                           Datagram& datagram) {
  const LinkHeader& link = datagram.link;
  if (link.ether_type == kArp) {
    census_.OnArp();
    const auto neighbour = ParseArp(bytes, link);
    if (neighbour && neighbours_ != nullptr) {
      neighbours_->OnNeighbour(*neighbour);
    }
    return counters_.Count(Discard::kNotIp);
  }
  Tunnel tunnel;
  const auto reason = OpenLinkTunnel(link.ether_type, bytes, tunnel);
  OnTunnel(reason, tunnel, cut, datagram);
}

void Decapsulator::OnTunnel(std::optional<Discard> reason, const Tunnel& tunnel,
                            size_t cut, Datagram& datagram) {
  if (!reason && datagram.tunnels == kMaxTunnels) {
    reason = Discard::kTooManyTunnels;
  }
  census_.OnTunnel(tunnel, !reason, cut);
  if (reason) return counters_.Count(*reason);
  ++datagram.tunnels;
  std::span<const uint8_t> ip;
  switch (tunnel.ether_type) {
    case kEthernetInside:
      datagram.link = {};
      reason = ParseLink(DLT_EN10MB, tunnel.inside, datagram.link, ip);
      break;
    case kPppInside:
      datagram.link.ether_type = 0;
      reason = ParseLink(DLT_PPP, tunnel.inside, datagram.link, ip);
      break;
    default:
      reason =
          ParseEtherType(tunnel.ether_type, tunnel.inside, datagram.link, ip);
  }
  OnLink(reason, ip, cut, datagram);
}

void Decapsulator::OnIp(std::span<const uint8_t> bytes, size_t cut,
                        Datagram& datagram) {
  IpPacket packet;
  if (const auto reason = ParseIp(bytes, bytes.size() + cut, packet)) {
    return counters_.Count(*reason);
  }
  census_.OnIp(packet);
  datagram.dscp = packet.dscp;
  if (packet.is_fragment) {
    OnFragment(packet, datagram);
  } else {
    OnTransport(packet, datagram);
  }
}

void Decapsulator::OnFragment(IpPacket& fragment, Datagram& datagram) {
  census_.OnFragment(fragment);
  // Copies must not meet in the reassembler: the second of the last fragment
  // would begin a datagram that never ends.
  if (Look(fragment, datagram) != Deduplicator::Sight::kFirst) return;
  if (fragment.truncated()) {
    if (fragment.fragment_offset != 0) {
      return counters_.Count(Discard::kTruncatedFragment);
    }
    // The first has the ports and the beginning; better than nothing.
    fragment.is_fragment = false;
    return OnTransport(fragment, datagram);
  }
  const auto whole = reassembler_.Add(datagram.time_ns, fragment);
  if (!whole) return;
  fragment.is_fragment = false;
  fragment.payload = *whole;
  fragment.payload_length = whole->size();
  if (fragment.is_v6) {
    if (const auto reason = SkipExtensions(fragment)) {
      return counters_.Count(*reason);
    }
    // A datagram of fragments of fragments.
    if (fragment.is_fragment) return counters_.Count(Discard::kBadFragment);
  }
  OnTransport(fragment, datagram);
}

void Decapsulator::OnTransport(const IpPacket& packet, Datagram& datagram) {
  switch (packet.protocol) {
    case kUdp:
      return OnUdp(packet, datagram);
    case kTcp:
      return OnTcp(packet, datagram);
    default:
      return OnOtherProtocol(packet, datagram);
  }
}

void Decapsulator::OnOtherProtocol(const IpPacket& packet, Datagram& datagram) {
  Tunnel tunnel;
  const auto reason = OpenIpTunnel(packet.protocol, packet.payload, tunnel);
  if (tunnel.sequence) {
    sequences_.OnPacket(packet.source, packet.destination, tunnel.id,
                        *tunnel.sequence);
  }
  if (datagram.tunnels == 0 && tells_sessions_apart_) {
    session_ = sessions_.NumberOf(packet.source, tunnel);
  }
  datagram.time_ns = clocks_.TimeOf(packet.source, packet.destination, tunnel,
                                    datagram.time_ns);
  OnTunnel(reason, tunnel, packet.cut(), datagram);
}

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------------------------------+-------------------------------+
//   |          Source port          |       Destination port        |
//   +-------------------------------+-------------------------------+
//   |            Length             |           Checksum            |
//   +-------------------------------+-------------------------------+
void Decapsulator::OnUdp(const IpPacket& packet, Datagram& datagram) {
  ByteReader in(packet.payload);
  datagram.flow.source.port = in.U16();
  datagram.flow.destination.port = in.U16();
  size_t length = in.U16();
  in.U16();
  if (!in.ok()) return counters_.Count(Discard::kTruncatedTransport);
  // 0: more than fits into the field (RFC 2675), or left to the NIC.
  if (length == 0) length = packet.payload_length;
  // A first fragment alone is shorter than its datagram, and cut.
  if (length < kUdpHeader ||
      (length > packet.payload_length && !packet.truncated())) {
    return counters_.Count(Discard::kBadUdp);
  }
  datagram.protocol = Protocol::kUdp;
  length -= kUdpHeader;
  datagram.payload = in.rest().first(std::min(length, in.rest().size()));
  datagram.truncated = datagram.payload.size() < length;
  datagram.flow.source.address = packet.source;
  datagram.flow.destination.address = packet.destination;
  census_.OnUdp(packet);
  Tunnel tunnel;
  if (OpenUdpTunnel(datagram.flow.destination.port, datagram.payload, tunnel)) {
    return OnTunnel(std::nullopt, tunnel, packet.cut(), datagram);
  }
  // Neither RTP nor RTCP; IAX2 begins like them.
  if (!datagram.payload.empty() &&
      (datagram.payload[0] < 0x80 || datagram.flow.source.port == kIax2Port ||
       datagram.flow.destination.port == kIax2Port)) {
    census_.OnOtherUdp(datagram);
  }
  Deliver(packet, datagram);
}

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------------------------------+-------------------------------+
//   |          Source port          |       Destination port        |
//   +-------------------------------+-------------------------------+
//   |                        Sequence number                        |
//   +---------------------------------------------------------------+
//   |                    Acknowledgment number                      |
//   +-------+-------+---------------+-------------------------------+
//   | Offset|       |C E U A P R S F|            Window             |
//   +-------+-------+---------------+-------------------------------+
//   |           Checksum            |        Urgent pointer         |
//   +-------------------------------+-------------------------------+
//   |                    Options (offset > 5) ...
void Decapsulator::OnTcp(const IpPacket& packet, Datagram& datagram) {
  ByteReader in(packet.payload);
  datagram.flow.source.port = in.U16();
  datagram.flow.destination.port = in.U16();
  datagram.tcp_sequence = in.U32();
  in.U32();
  const size_t header_length = size_t{4} * (in.U8() >> 4);
  const uint8_t flags = in.U8();
  in.Take(6);
  if (!in.ok()) return counters_.Count(Discard::kTruncatedTransport);
  if (header_length < kTcpHeader || header_length > packet.payload_length) {
    return counters_.Count(Discard::kBadTcp);
  }
  in.Take(header_length - kTcpHeader);
  if (!in.ok()) return counters_.Count(Discard::kTruncatedTransport);
  datagram.tcp_fin = flags & 0x01;
  datagram.tcp_syn = flags & 0x02;
  datagram.tcp_rst = flags & 0x04;
  datagram.protocol = Protocol::kTcp;
  datagram.payload = in.rest();
  datagram.truncated = packet.truncated();
  datagram.flow.source.address = packet.source;
  datagram.flow.destination.address = packet.destination;
  census_.OnTcp(datagram);
  Deliver(packet, datagram);
}

Deduplicator::Sight Decapsulator::Look(const IpPacket& packet,
                                       const Datagram& datagram) {
  static_assert(MirrorSessions::kMaxSessions <= Deduplicator::kMaxSession);
  const auto sight = deduplicator_.Look(datagram.time_ns, packet, session_);
  if (sight == Deduplicator::Sight::kCopy) ++counters_.mirror_copies;
  if (sight == Deduplicator::Sight::kOfOtherSession) {
    counters_.Count(Discard::kOtherMirrorSession);
  }
  return sight;
}

void Decapsulator::Deliver(const IpPacket& packet, Datagram& datagram) {
  if (keep_mirror_copies_) return sink_.OnDatagram(datagram);
  switch (Look(packet, datagram)) {
    case Deduplicator::Sight::kFirst:
      return sink_.OnDatagram(datagram);
    case Deduplicator::Sight::kCopy:
      return sink_.OnMirrorCopy(datagram);
    case Deduplicator::Sight::kOfOtherSession:
      return;
  }
}

}  // namespace callbraid::sensor
