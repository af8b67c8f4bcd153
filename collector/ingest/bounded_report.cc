#include "collector/ingest/bounded_report.h"

#include <cstdint>
#include <map>
#include <string>

namespace callbraid::collector {
namespace {

constexpr size_t kMaxReasons = 64;
constexpr size_t kMaxReasonBytes = 64;
// Of census.proto.
constexpr int kMaxVlans = 32;
constexpr int kMaxTunnels = v1::TunnelKind_ARRAYSIZE;
constexpr int kMaxSipPorts = 16;
constexpr int kMaxProtocols = 8;
constexpr int kMaxHosts = 512;
constexpr int kMaxVlansOfHost = 4;
constexpr size_t kMacBytes = 6;

template <typename Field>
void Shorten(Field& field, int size) {
  if (field.size() > size) {
    field.DeleteSubrange(size, field.size() - size);
  }
}

bool IsSound(const v1::HostTraffic& host) {
  return (host.mac().empty() || host.mac().size() == kMacBytes) &&
         (host.address().size() == 4 || host.address().size() == 16) &&
         host.vlan_ids_size() <= kMaxVlansOfHost;
}

void BoundReasons(const v1::CaptureReport& report, v1::CaptureReport& bounded) {
  // In order, so that which ones are left does not depend on the map.
  const std::map<std::string, uint64_t> reasons(report.discarded().begin(),
                                                report.discarded().end());
  for (const auto& [reason, count] : reasons) {
    if (bounded.discarded().size() == kMaxReasons) break;
    if (reason.size() > kMaxReasonBytes) continue;
    (*bounded.mutable_discarded())[reason] = count;
  }
}

}  // namespace

v1::CaptureReport BoundedReport(const v1::CaptureReport& report) {
  v1::CaptureReport bounded;
  bounded.set_time_ns(report.time_ns());
  bounded.set_packets(report.packets());
  bounded.set_bytes(report.bytes());
  bounded.set_kernel_drops(report.kernel_drops());
  bounded.set_interface_drops(report.interface_drops());
  bounded.set_mirror_copies(report.mirror_copies());
  bounded.set_tunnel_drops(report.tunnel_drops());
  bounded.set_final(report.final());
  bounded.set_since_ns(report.since_ns());
  BoundReasons(report, bounded);
  if (report.has_census()) {
    v1::TrafficCensus& census = *bounded.mutable_census();
    census = report.census();
    Shorten(*census.mutable_vlans(), kMaxVlans);
    Shorten(*census.mutable_tunnels(), kMaxTunnels);
    Shorten(*census.mutable_other_sip_ports(), kMaxSipPorts);
    Shorten(*census.mutable_other_protocols(), kMaxProtocols);
    census.DiscardUnknownFields();
  }
  if (report.has_interface()) {
    v1::InterfaceState& interface = *bounded.mutable_interface();
    interface = report.interface();
    if (interface.mac().size() != kMacBytes) interface.clear_mac();
    interface.DiscardUnknownFields();
  }
  return bounded;
}

std::vector<v1::HostTraffic> BoundedHosts(const v1::CaptureReport& report) {
  std::vector<v1::HostTraffic> hosts;
  for (const v1::HostTraffic& host : report.hosts()) {
    if (hosts.size() == kMaxHosts) break;
    if (!IsSound(host)) continue;
    hosts.push_back(host);
    hosts.back().clear_registrations();
    hosts.back().DiscardUnknownFields();
  }
  return hosts;
}

}  // namespace callbraid::collector
