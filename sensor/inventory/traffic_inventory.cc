#include "sensor/inventory/traffic_inventory.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sensor/inventory/registration.h"

namespace callbraid::sensor {
namespace {

bool BeginsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

void SetBytes(std::span<const uint8_t> bytes, std::string& out) {
  out.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

TrafficInventory::Host& TrafficInventory::HostOf(
    const std::array<uint8_t, 6>& mac, const LinkHeader& link,
    const IpAddress& address) {
  const Key key = {mac, link.has_mac, address};
  if (hosts_.full() && hosts_.Find(key) == nullptr) ++hosts_evicted_;
  Host& host = hosts_.Use(key, ++uses_);
  host.link = link;
  return host;
}

void TrafficInventory::OnStreamReport(const Stream& stream, bool final) {
  if (stream.slot >= counted_.size()) counted_.resize(stream.slot + 1);
  Counted& counted = counted_[stream.slot];
  if (counted.start_ns != stream.start_ns) counted = {stream.start_ns, 0};
  const uint32_t packets = stream.meter.packets() - counted.packets;
  counted.packets = stream.meter.packets();
  // The next run may be of another stream, and begin at the same time.
  if (final) counted = {};
  if (packets == 0) return;
  const LinkHeader& link = stream.link;
  HostOf(link.source_mac, link, stream.flow.source.address).rtp_sent += packets;
  // Music and paging to a group come by every port.
  if (stream.flow.destination.address.is_multicast()) return;
  HostOf(link.destination_mac, link, stream.flow.destination.address)
      .rtp_received += packets;
  rtp_packets_ += packets;
}

void TrafficInventory::OnMessage(const MessageView& message) {
  switch (message.kind) {
    case MessageKind::kSip:
      OnSip(message);
      break;
    case MessageKind::kMgcp:
      ++mgcp_messages_;
      break;
    case MessageKind::kSccp:
      ++sccp_messages_;
      break;
    case MessageKind::kH323:
      ++h323_messages_;
      break;
  }
}

void TrafficInventory::OnSip(const MessageView& sip) {
  const bool is_register = BeginsWith(sip.message, "REGISTER ");
  CountSipPort(sip);
  Host& from = HostOf(sip.link.source_mac, sip.link, sip.flow.source.address);
  ++from.sip_sent;
  if (is_register) {
    ++from.registers_sent;
    KeepRegistration(sip, from);
  }
  if (sip.flow.destination.address.is_multicast()) return;
  ++sip_messages_;
  Host& to =
      HostOf(sip.link.destination_mac, sip.link, sip.flow.destination.address);
  ++to.sip_received;
  if (is_register) ++to.registers_received;
}

void TrafficInventory::KeepRegistration(const MessageView& sip, Host& from) {
  // Without its end it may seem to have one Via, or another Contact.
  if (sip.truncated) return;
  std::optional<v1::Registration> said = ParseRegistration(sip.message);
  if (!said) return;
  auto& kept = from.registrations;
  std::erase_if(kept, [&said](const v1::Registration& other) {
    return other.number() == said->number() && other.domain() == said->domain();
  });
  if (kept.size() == kMaxRegistrations) kept.erase(kept.begin());
  kept.push_back(*std::move(said));
}

void TrafficInventory::CountSipPort(const MessageView& sip) {
  if (sip_ports_.UsedBy(sip.flow)) return;
  // The port of SIP in TLS is captured like those.
  if (sip.transport == Transport::kTls && UsesSipTlsPort(sip.flow)) return;
  // Servers' ports are mostly below those that phones pick.
  const uint16_t port =
      std::min(sip.flow.source.port, sip.flow.destination.port);
  const bool tcp = sip.transport != Transport::kUdp;
  const auto known =
      std::find_if(other_ports_.begin(), other_ports_.end(),
                   [port, tcp](const SipPort& other) {
                     return other.port == port && other.tcp == tcp;
                   });
  if (known != other_ports_.end()) {
    ++known->messages;
  } else if (other_ports_.size() < kMaxSipPorts) {
    other_ports_.push_back({port, tcp, 1});
  }
}

void TrafficInventory::OnNeighbour(const Neighbour& neighbour) {
  HostOf(neighbour.link.source_mac, neighbour.link, neighbour.address).arp =
      true;
}

void TrafficInventory::Fill(v1::TrafficCensus& census) const {
  census.set_sip_messages(sip_messages_);
  census.set_rtp_packets(rtp_packets_);
  const auto add = [&census](v1::SignallingProtocol protocol, uint64_t count) {
    if (count == 0) return;
    v1::ProtocolCount& other = *census.add_other_protocols();
    other.set_protocol(protocol);
    other.set_messages(count);
  };
  add(v1::SIGNALLING_PROTOCOL_MGCP, mgcp_messages_);
  add(v1::SIGNALLING_PROTOCOL_SCCP, sccp_messages_);
  add(v1::SIGNALLING_PROTOCOL_H323, h323_messages_);
  census.set_hosts_evicted(hosts_evicted_);
  for (const SipPort& port : other_ports_) {
    v1::SipPortCount& count = *census.add_other_sip_ports();
    count.set_port(port.port);
    count.set_tcp(port.tcp);
    count.set_messages(port.messages);
  }
}

void TrafficInventory::TakeHosts(v1::CaptureReport& report) {
  for (auto& [key, host, used] : hosts_.entries()) {
    v1::HostTraffic& out = *report.add_hosts();
    if (key.has_mac) SetBytes(key.mac, *out.mutable_mac());
    SetBytes(key.address.bytes(), *out.mutable_address());
    for (uint8_t i = 0; i < host.link.vlan_count; ++i) {
      out.add_vlan_ids(host.link.vlan_ids[i]);
    }
    out.set_rtp_sent(host.rtp_sent);
    out.set_rtp_received(host.rtp_received);
    out.set_sip_sent(host.sip_sent);
    out.set_sip_received(host.sip_received);
    out.set_registers_sent(host.registers_sent);
    out.set_registers_received(host.registers_received);
    out.set_arp(host.arp);
    for (v1::Registration& registration : host.registrations) {
      *out.add_registrations() = std::move(registration);
    }
  }
  hosts_.EraseUnusedSince(std::numeric_limits<int64_t>::max());
}

}  // namespace callbraid::sensor
