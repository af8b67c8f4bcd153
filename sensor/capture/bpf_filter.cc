#include "sensor/capture/bpf_filter.h"

#include <pcap/dlt.h>

#include <algorithm>
#include <cctype>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/absl_string.h"
#include "common/net/endpoint.h"

namespace callbraid::sensor {
namespace {

constexpr uint16_t kDefaultSipPort = 5060;

std::string SipOverTcp(const std::vector<uint16_t>& ports) {
  if (ports.empty()) return absl::StrCat("tcp port ", kDefaultSipPort);
  return absl::StrJoin(ports, " or ", [](std::string* out, uint16_t port) {
    absl::StrAppend(out, "tcp port ", port);
  });
}

// Empty unless `collector` is HOST:PORT. Nothing but a number and a parsed
// address gets into the expression.
std::string Uplink(std::string_view collector) {
  const size_t colon = collector.rfind(':');
  if (colon == std::string_view::npos) return "";
  const std::string_view port = collector.substr(colon + 1);
  if (port.empty() || port.size() > 5 ||
      !std::all_of(port.begin(), port.end(),
                   [](unsigned char c) { return std::isdigit(c); })) {
    return "";
  }
  const auto address = IpAddress::Parse(collector.substr(0, colon));
  const std::string host =
      address ? absl::StrCat(" and host ", address->ToString()) : "";
  return absl::StrCat("tcp port ", ToAbsl(port), host);
}

}  // namespace

std::string DefaultFilter(const FilterOptions& options, int link_type) {
  // `udp` covers the fragments of UDP: it looks at the protocol alone. A port
  // is known in the first fragment only, hence the later ones of TCP (IPv4) and
  // IPv6 next headers 44 (fragment), 0, 43 and 60 (options, routing).
  std::string wanted = absl::StrCat(
      "udp or ", SipOverTcp(options.sip_ports),
      " or (tcp and ip[6:2] & 0x1fff != 0)",
      " or ip6[6] = 44 or ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 60");
  const std::string uplink = Uplink(options.collector);
  if (!uplink.empty()) {
    wanted = absl::StrCat("(", wanted, ") and not (", uplink, ")");
  }
  if (link_type != DLT_EN10MB) return wanted;
  // `vlan` moves the offsets of all that follows it in the expression, so the
  // deeper the tag, the further right.
  return absl::StrCat("(", wanted, ") or (vlan and ((", wanted,
                      ") or (vlan and (", wanted, "))))");
}

}  // namespace callbraid::sensor
