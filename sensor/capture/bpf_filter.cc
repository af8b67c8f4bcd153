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

// As many as are followed (LinkHeader).
constexpr int kMaxTags = 4;

// The kernel takes 4,096 instructions, of which a port costs some 20 for each
// number of tags; beyond, nothing would be left out before it is copied. So
// where there are more ports than these, all TCP passes.
constexpr size_t kMaxPorts = 32;
constexpr int kUsualTags = 2;
constexpr size_t kMaxPortsBehindMoreTags = 16;

std::string SipOverTcp(const std::vector<uint16_t>& ports, int tags) {
  if (ports.empty()) return absl::StrCat("tcp port ", kDefaultSipPort);
  if (ports.size() >
      (tags > kUsualTags ? kMaxPortsBehindMoreTags : kMaxPorts)) {
    return "tcp";
  }
  return absl::StrJoin(ports, " or ", [](std::string* out, uint16_t port) {
    absl::StrAppend(out, "tcp port ", port);
  });
}

// SIP over TCP on a port that nobody expected: what begins with "SIP/", "INVI",
// "REGI" or "OPTI" passes, so that such a port is noticed (IPv4 alone: libpcap
// does not look into TCP over IPv6).
std::string BeginsLikeSip() {
  static constexpr const char* kStarts[] = {"0x5349502f", "0x494e5649",
                                            "0x52454749", "0x4f505449"};
  return absl::StrJoin(
      kStarts, " or ", [](std::string* out, const char* start) {
        absl::StrAppend(out, "tcp[((tcp[12] & 0xf0) >> 2):4] = ", start);
      });
}

// H.245, whose ports only H.225.0 tells: TPKT, but not that of RDP and the like
// (ISO 8073 data). Of a message in two segments the second does not pass.
constexpr char kBeginsLikeH245[] =
    "(tcp[((tcp[12] & 0xf0) >> 2):2] = 0x0300 and "
    "tcp[((tcp[12] & 0xf0) >> 2) + 4:2] != 0x02f0)";

// Of all other traffic, one packet in 64, picked by a checksum, so that what is
// mirrored besides calls (IPsec above all) is known to be there: IPv4 by its
// header's, TCP over IPv6 by its own.
std::string SampleOfTheRest() {
  return "ip[10:2] & 0x3f = 0x2a or (ip6[6] = 6 and ip6[56:2] & 0x3f = 0x2a)";
}

// What is in a tunnel cannot be told here, so all of it passes; those in UDP
// pass as UDP. IP in IP, GRE, L2TPv3.
constexpr char kIpTunnels[] =
    "ip proto 4 or ip proto 41 or ip proto 47 or ip proto 115 or "
    "ip6 proto 4 or ip6 proto 41 or ip6 proto 47 or ip6 proto 115";
// MPLS, PPPoE, VN-Tag, E-Tag, PBB; of MACsec, which cannot be read, one packet
// in 64 by its number.
constexpr char kLinkTunnels[] =
    "ether proto 0x8847 or ether proto 0x8848 or ether proto 0x8864 or "
    "ether proto 0x8926 or ether proto 0x893f or ether proto 0x88e7 or "
    "(ether proto 0x88e5 and ether[19] & 0x3f = 0x2a)";

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

// What is wanted of frames with so many tags.
std::string Wanted(const FilterOptions& options, int link_type, int tags) {
  // `udp` covers the fragments of UDP: it looks at the protocol alone. A port
  // is known in the first fragment only, hence the later ones of TCP (IPv4) and
  // IPv6 next headers 44 (fragment), 0, 43 and 60 (options, routing).
  std::string wanted = absl::StrCat(
      "udp or ", SipOverTcp(options.sip_ports, tags),
      " or (tcp and ip[6:2] & 0x1fff != 0)",
      " or ip6[6] = 44 or ip6[6] = 0 or ip6[6] = 43 or ip6[6] = 60",
      // SCCP; H.225.0; and SIP over TLS, which cannot be read, but says why
      // there is no other.
      " or tcp port 2000 or tcp port 1720 or tcp port 5061", " or arp or ",
      BeginsLikeSip(), " or ", kBeginsLikeH245, " or ", kIpTunnels, " or ",
      SampleOfTheRest());
  if (link_type == DLT_EN10MB) absl::StrAppend(&wanted, " or ", kLinkTunnels);
  const std::string uplink = Uplink(options.collector);
  if (uplink.empty()) return wanted;
  return absl::StrCat("(", wanted, ") and not (", uplink, ")");
}

}  // namespace

std::string DefaultFilter(const FilterOptions& options, int link_type) {
  std::string expression = Wanted(options, link_type, /*tags=*/0);
  if (link_type != DLT_EN10MB) return expression;
  // `vlan` moves the offsets of all that follows it in the expression, so the
  // deeper the tag, the further right.
  expression = absl::StrCat("(", expression, ")");
  for (int tags = 1; tags <= kMaxTags; ++tags) {
    absl::StrAppend(&expression, " or (vlan and ((",
                    Wanted(options, link_type, tags), ")");
  }
  return expression.append(size_t{2} * kMaxTags, ')');
}

}  // namespace callbraid::sensor
