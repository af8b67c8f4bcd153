#include "collector/doctor/report_window.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/str_format.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kMinuteNs = 60'000'000'000;

uint64_t Less(uint64_t later, uint64_t earlier) {
  return later > earlier ? later - earlier : 0;
}

// By rule of census.proto every uint64 is a total, but for the load.
void SubtractTotals(const google::protobuf::Message& earlier,
                    google::protobuf::Message& later) {
  using Field = google::protobuf::FieldDescriptor;
  const auto* descriptor = later.GetDescriptor();
  const auto* reflection = later.GetReflection();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const Field* const field = descriptor->field(i);
    if (field->is_repeated() || field->cpp_type() != Field::CPPTYPE_UINT64 ||
        field->name() == "peak_bits_per_second") {
      continue;
    }
    reflection->SetUInt64(&later, field,
                          Less(reflection->GetUInt64(later, field),
                               reflection->GetUInt64(earlier, field)));
  }
}

uint64_t SizeOf(const v1::VlanCount& vlan) { return vlan.frames(); }
uint64_t SizeOf(const v1::TunnelCount& tunnel) { return tunnel.frames(); }
uint64_t SizeOf(const v1::SipPortCount& port) { return port.messages(); }
uint64_t SizeOf(const v1::ProtocolCount& other) { return other.messages(); }

template <typename Counts, typename Key>
void SubtractCounts(const Counts& earlier, Counts& later, const Key& key) {
  for (auto& count : later) {
    for (const auto& before : earlier) {
      if (key(before) == key(count)) SubtractTotals(before, count);
    }
  }
  // What did not occur in the window is not in it.
  for (int i = later.size() - 1; i >= 0; --i) {
    if (SizeOf(later.Get(i)) == 0) later.DeleteSubrange(i, 1);
  }
}

void SubtractCensus(const v1::TrafficCensus& earlier,
                    v1::TrafficCensus& later) {
  SubtractTotals(earlier, later);
  SubtractCounts(earlier.vlans(), *later.mutable_vlans(),
                 [](const v1::VlanCount& vlan) { return vlan.vlan_id(); });
  SubtractCounts(earlier.tunnels(), *later.mutable_tunnels(),
                 [](const v1::TunnelCount& tunnel) { return tunnel.kind(); });
  SubtractCounts(earlier.other_sip_ports(), *later.mutable_other_sip_ports(),
                 [](const v1::SipPortCount& port) {
                   return std::pair(port.port(), port.tcp());
                 });
  SubtractCounts(
      earlier.other_protocols(), *later.mutable_other_protocols(),
      [](const v1::ProtocolCount& other) { return other.protocol(); });
}

HostFacts ToFacts(const v1::HostTraffic& host) {
  HostFacts facts;
  facts.mac = MacText(host.mac());
  const auto* bytes = reinterpret_cast<const uint8_t*>(host.address().data());
  const auto address = IpAddress::FromBytes({bytes, host.address().size()});
  facts.address = address.value_or(IpAddress());
  facts.vlan_ids.assign(host.vlan_ids().begin(), host.vlan_ids().end());
  return facts;
}

std::vector<HostFacts> HostsWithin(const CaptureHistory& history,
                                   int64_t from_ns, int64_t to_ns) {
  std::map<std::pair<std::string, IpAddress>, HostFacts> hosts;
  for (const CaptureHistory::Hosts& minute : history.hosts) {
    if ((minute.minute + 1) * kMinuteNs <= from_ns ||
        minute.minute * kMinuteNs > to_ns) {
      continue;
    }
    for (const v1::HostTraffic& host : minute.hosts) {
      HostFacts facts = ToFacts(host);
      HostFacts& sum =
          hosts.try_emplace({facts.mac, facts.address}, facts).first->second;
      sum.vlan_ids = facts.vlan_ids;
      sum.rtp_sent += host.rtp_sent();
      sum.rtp_received += host.rtp_received();
      sum.sip_sent += host.sip_sent();
      sum.sip_received += host.sip_received();
      sum.registers_sent += host.registers_sent();
      sum.registers_received += host.registers_received();
    }
  }
  std::vector<HostFacts> all;
  for (auto& [key, host] : hosts) all.push_back(std::move(host));
  return all;
}

}  // namespace

std::string MacText(const std::string& mac) {
  if (mac.size() != 6) return "";
  const auto byte = [&mac](size_t i) { return static_cast<uint8_t>(mac[i]); };
  return absl::StrFormat("%02x:%02x:%02x:%02x:%02x:%02x", byte(0), byte(1),
                         byte(2), byte(3), byte(4), byte(5));
}

v1::CaptureReport Difference(const v1::CaptureReport& later,
                             const v1::CaptureReport& earlier) {
  v1::CaptureReport window = later;
  SubtractTotals(earlier, window);
  for (auto& [reason, count] : *window.mutable_discarded()) {
    const auto before = earlier.discarded().find(reason);
    if (before != earlier.discarded().end()) {
      count = Less(count, before->second);
    }
  }
  SubtractCensus(earlier.census(), *window.mutable_census());
  if (window.has_interface()) {
    SubtractTotals(earlier.interface(), *window.mutable_interface());
  }
  return window;
}

ReportWindow WindowOf(const CaptureHistory& history, int64_t from_ns,
                      int64_t to_ns) {
  const auto& reports = history.reports;
  const auto is_after = [](int64_t time_ns, const v1::CaptureReport& report) {
    return time_ns < report.time_ns();
  };
  // The last report of the window, and the one before it begins.
  const auto end =
      std::upper_bound(reports.begin(), reports.end(), to_ns, is_after);
  const auto last = end == reports.begin() ? end : std::prev(end);
  auto before = std::upper_bound(reports.begin(), last, from_ns, is_after);
  v1::CaptureReport nothing;
  nothing.set_time_ns(last->since_ns());
  const v1::CaptureReport* first = &nothing;
  if (before != reports.begin()) {
    first = &*std::prev(before);
  } else if (before != last && before->since_ns() < from_ns) {
    first = &*before;
  }
  ReportWindow window;
  window.from_ns = first->time_ns();
  window.to_ns = last->time_ns();
  window.report = Difference(*last, *first);
  uint64_t peak = 0;
  for (auto it = reports.begin(); it != std::next(last); ++it) {
    if (it->time_ns() < window.from_ns) continue;
    peak = std::max(peak, it->interface().peak_bits_per_second());
  }
  if (window.report.has_interface()) {
    window.report.mutable_interface()->set_peak_bits_per_second(peak);
  }
  window.hosts = HostsWithin(history, window.from_ns, window.to_ns);
  return window;
}

}  // namespace callbraid::collector
