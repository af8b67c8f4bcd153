#include "collector/doctor/summary.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "collector/doctor/words.h"
#include "collector/store/proto_time.h"

namespace callbraid::collector {
namespace {

// Who signals here, and whether both sides of it are seen.
std::string Signalling(const PointFacts& point, const HostBook& hosts) {
  struct Ways {
    bool sends = false;
    bool receives = false;
  };
  std::map<IpAddress, Ways> signalling;
  for (const HostFacts& host : point.hosts) {
    if (host.sip_sent + host.sip_received == 0) continue;
    Ways& ways = signalling[host.address];
    ways.sends = ways.sends || host.sip_sent > 0;
    ways.receives = ways.receives || host.sip_received > 0;
  }
  if (signalling.empty()) return "";
  std::vector<std::string> servers;
  uint64_t phones = 0;
  size_t one_way = 0;
  for (const auto& [address, ways] : signalling) {
    const SiteHost host = hosts.Of(point.site, address);
    if (host.is_server) {
      servers.push_back(address.ToString());
    } else {
      ++phones;
    }
    if (!ways.sends || !ways.receives) ++one_way;
  }
  std::string text;
  if (!servers.empty()) absl::StrAppend(&text, "PBX ", Listed(servers, 2));
  if (phones > 0) {
    absl::StrAppend(&text, text.empty() ? "" : ", ",
                    Counted(phones, servers.empty() ? "host" : "phone"));
    if (servers.empty()) absl::StrAppend(&text, " that signal");
  }
  if (one_way == 0) return text + ", both directions";
  if (one_way == signalling.size()) return text + ", one direction";
  return absl::StrCat(text, ", one direction of ", one_way, " of them");
}

std::string Tags(const v1::TrafficCensus& census) {
  if (census.vlans().empty()) return "";
  std::vector<std::string> ids;
  for (const v1::VlanCount& vlan : census.vlans()) {
    ids.push_back(std::to_string(vlan.vlan_id()));
  }
  return absl::StrCat(ids.size() == 1 ? "VLAN " : "VLANs ", Listed(ids, 6));
}

// "MGCP", "IAX2, which is not read": what sets up calls besides SIP.
std::string NameOf(v1::SignallingProtocol protocol) {
  switch (protocol) {
    case v1::SIGNALLING_PROTOCOL_MGCP:
      return "MGCP";
    case v1::SIGNALLING_PROTOCOL_SCCP:
      return "SCCP";
    case v1::SIGNALLING_PROTOCOL_H323:
      return "H.323";
    case v1::SIGNALLING_PROTOCOL_IAX2:
      return "IAX2, which is not read";
    case v1::SIGNALLING_PROTOCOL_MEGACO:
      return "Megaco, which is not read";
    default:
      return "";
  }
}

}  // namespace

v1::CapturePointHealth SummaryOf(const PointFacts& point,
                                 const HostBook& hosts) {
  v1::CapturePointHealth health;
  health.set_site(point.site);
  health.set_sensor(point.sensor);
  health.set_capture_point(point.point.name());
  if (!point.has_report) {
    health.set_summary("no report yet");
    return health;
  }
  const v1::CaptureReport& window = point.window;
  const v1::TrafficCensus& census = window.census();
  *health.mutable_from() = ToTimestamp(point.from_ns);
  *health.mutable_to() = ToTimestamp(point.to_ns);
  health.set_packets(window.packets());
  health.set_mirror_copies(window.mirror_copies());
  *health.mutable_census() = census;
  health.set_peak_bits_per_second(window.interface().peak_bits_per_second());
  health.set_speed_mbit(window.interface().speed_mbit());

  std::vector<std::string> parts;
  const std::string signalling = Signalling(point, hosts);
  if (!signalling.empty()) parts.push_back(signalling);
  for (const v1::ProtocolCount& other : census.other_protocols()) {
    const std::string name = NameOf(other.protocol());
    if (!name.empty()) parts.push_back(name);
  }
  if (census.rtp_packets() > 0) {
    parts.push_back(absl::StrCat(Number(census.rtp_packets()), " RTP packets"));
  } else if (!signalling.empty()) {
    parts.push_back("no RTP");
  }
  const std::string tags = Tags(census);
  if (!tags.empty()) parts.push_back(tags);
  if (parts.empty()) parts.push_back("neither SIP nor RTP");
  health.set_summary(absl::StrJoin(parts, "; "));
  return health;
}

}  // namespace callbraid::collector
