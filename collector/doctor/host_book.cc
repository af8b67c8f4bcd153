#include "collector/doctor/host_book.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace callbraid::collector {
namespace {

// A MAC address with so many IP addresses behind it is a router's.
constexpr size_t kAddressesOfRouter = 4;
constexpr size_t kMaxPointsOfHost = 8;

// All that RTP in a call came from, and went to.
struct CallEnds {
  std::set<std::string> sources;
  std::set<std::string> destinations;
};

// Without the port: "10.0.0.1:5004", "[2001:db8::1]:5004".
std::string AddressOf(const std::string& endpoint) {
  const std::string host = endpoint.substr(0, endpoint.rfind(':'));
  const auto address = IpAddress::Parse(host);
  return address ? address->ToString() : host;
}

CallEnds EndsOf(const v1::Call& call) {
  CallEnds ends;
  for (const v1::Stream& stream : call.streams()) {
    for (const v1::StreamObservation& seen : stream.observations()) {
      ends.sources.insert(AddressOf(seen.source()));
      ends.destinations.insert(AddressOf(seen.destination()));
    }
  }
  return ends;
}

}  // namespace

std::string SiteHost::Name() const {
  if (is_server) return absl::StrCat("PBX ", address.ToString());
  return number.empty() ? address.ToString() : absl::StrCat("phone ", number);
}

std::string SiteHost::Words() const {
  std::vector<std::string> details;
  if (!is_server && !number.empty()) details.push_back(address.ToString());
  if (!mac.empty()) details.push_back(absl::StrCat("MAC ", mac));
  if (!router_mac.empty()) {
    details.push_back(absl::StrCat("behind the router ", router_mac));
  }
  if (!vlan_ids.empty()) {
    details.push_back(absl::StrCat("VLAN ", absl::StrJoin(vlan_ids, ".")));
  }
  return details.empty()
             ? Name()
             : absl::StrCat(Name(), " (", absl::StrJoin(details, ", "), ")");
}

HostBook::HostBook(const Facts& facts) {
  for (const PointFacts& point : facts.points) AddPoint(point);
  FindServers();
  for (const CallFacts& call : facts.calls) AddCall(call);
  FindNumbers();
}

SiteHost& HostBook::At(const std::string& site, const IpAddress& address) {
  SiteHost& host = hosts_[{site, address}];
  host.site = site;
  host.address = address;
  return host;
}

SiteHost HostBook::Of(const std::string& site, const IpAddress& address) const {
  const auto found = hosts_.find({site, address});
  if (found != hosts_.end()) return found->second;
  SiteHost stranger;
  stranger.site = site;
  stranger.address = address;
  return stranger;
}

void HostBook::AddPoint(const PointFacts& point) {
  std::map<std::string, std::set<IpAddress>> behind;
  for (const HostFacts& seen : point.hosts) {
    if (!seen.mac.empty()) behind[seen.mac].insert(seen.address);
  }
  for (const HostFacts& seen : point.hosts) {
    SiteHost& host = At(point.site, seen.address);
    host.sip_sent += seen.sip_sent;
    host.sip_received += seen.sip_received;
    host.rtp_sent += seen.rtp_sent;
    host.rtp_received += seen.rtp_received;
    registers_[{point.site, seen.address}] += seen.registers_received;
    if (seen.sip_sent + seen.sip_received > 0) {
      host.capture_points.insert(
          absl::StrCat(point.sensor, "/", point.point.name()));
    }
    if (seen.mac.empty()) continue;
    // Nearest to the host is where its MAC address is its own.
    const size_t shared_by = behind[seen.mac].size();
    auto [best, added] =
        shared_by_.try_emplace({point.site, seen.address}, shared_by);
    if (!added && shared_by >= best->second) continue;
    best->second = shared_by;
    const bool is_router = shared_by >= kAddressesOfRouter;
    host.mac = is_router ? "" : seen.mac;
    host.router_mac = is_router ? seen.mac : "";
    host.vlan_ids = seen.vlan_ids;
  }
}

// Who takes registrations; where none were seen, the middle of the star: each
// message has two ends, and one of them is half of all.
void HostBook::FindServers() {
  std::map<std::string, uint64_t> ends;
  std::map<std::string, size_t> signalling;
  for (const auto& [key, host] : hosts_) {
    const uint64_t messages = host.sip_sent + host.sip_received;
    ends[key.first] += messages;
    if (messages > 0) ++signalling[key.first];
  }
  for (auto& [key, host] : hosts_) {
    const uint64_t messages = host.sip_sent + host.sip_received;
    host.is_server =
        registers_[key] > 0 ||
        (signalling[key.first] >= 3 && messages * 100 >= ends[key.first] * 45);
  }
}

void HostBook::AddCall(const CallFacts& call) {
  for (const DialogFacts& dialog : call.dialogs) {
    SiteHost& initiator = At(dialog.site, dialog.initiator);
    SiteHost& responder = At(dialog.site, dialog.responder);
    const std::string point =
        absl::StrCat(dialog.sensor, "/", dialog.capture_point);
    initiator.capture_points.insert(point);
    responder.capture_points.insert(point);
  }
  AddNumbers(call);
  if (!call.had_time_to_speak()) return;
  const CallEnds ends = EndsOf(call.call);
  for (const std::string& site : call.sites) {
    for (const MediaParty& party : call.parties) {
      SiteHost& host = At(site, party.address);
      const std::string address = party.address.ToString();
      const bool is_heard = ends.sources.count(address) > 0;
      // A call in which it meant to be silent lacks nothing.
      if (party.sends || is_heard) ++host.calls;
      if (is_heard) {
        ++host.calls_heard;
        const int64_t start_ns = ToNs(call.call.start_time());
        host.heard_since_ns =
            std::min(host.heard_since_ns.value_or(start_ns), start_ns);
      }
      if (ends.destinations.count(address) > 0) ++host.calls_reached;
    }
  }
}

// Only of hosts that speak for themselves: a PBX in between passes on the
// numbers of others.
void HostBook::AddNumbers(const CallFacts& call) {
  for (const DialogFacts& dialog : call.dialogs) {
    for (const MediaParty& party : call.parties) {
      const auto key = std::pair(dialog.site, party.address);
      if (party.address == dialog.initiator) {
        callers_[key].insert(dialog.initiator_number);
      } else if (party.address == dialog.responder) {
        callees_[key].insert(dialog.responder_number);
      }
    }
  }
}

// A phone calls under one number; who calls under many is no phone.
void HostBook::FindNumbers() {
  for (auto& [key, host] : hosts_) {
    const std::set<std::string>& calls = callers_[key];
    const std::set<std::string>& called = callees_[key];
    if (host.is_server || calls.size() > 1) continue;
    if (calls.size() == 1) {
      host.number = *calls.begin();
    } else if (called.size() == 1) {
      host.number = *called.begin();
    }
  }
}

bool HostBook::FillResponse(size_t limit,
                            v1::DiagnoseResponse& response) const {
  for (const auto& [key, host] : hosts_) {
    // Media alone make no phone, nor does ARP.
    if (host.capture_points.empty() && host.calls == 0) continue;
    if (static_cast<size_t>(response.hosts_size()) == limit) return false;
    v1::SignallingHost& out = *response.add_hosts();
    out.set_site(host.site);
    out.set_address(host.address.ToString());
    out.set_mac(host.mac);
    out.mutable_vlan_ids()->Add(host.vlan_ids.begin(), host.vlan_ids.end());
    out.set_number(host.number);
    out.set_is_server(host.is_server);
    out.set_calls(host.calls);
    out.set_calls_heard(host.calls_heard);
    out.set_calls_reached(host.calls_reached);
    for (const std::string& point : host.capture_points) {
      if (static_cast<size_t>(out.capture_points_size()) == kMaxPointsOfHost) {
        break;
      }
      out.add_capture_points(point);
    }
  }
  return true;
}

void SetHost(const SiteHost& host, v1::Verdict& verdict) {
  verdict.set_site(host.site);
  verdict.set_address(host.address.ToString());
  verdict.set_mac(host.mac);
  verdict.mutable_vlan_ids()->Assign(host.vlan_ids.begin(),
                                     host.vlan_ids.end());
  verdict.set_number(host.number);
}

}  // namespace callbraid::collector
