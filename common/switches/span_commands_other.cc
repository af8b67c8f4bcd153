// Juniper (Junos network management guide, "Port mirroring and analyzers"),
// MikroTik (RouterOS, "Switch chip features", "CRS3xx"), UniFi, and a Linux
// bridge (tc-mirred(8), tc-u32(8)).
#include "absl/strings/str_cat.h"
#include "common/switches/dialect.h"

namespace callbraid {
namespace {

bool HasRx(const SpanSession& session) {
  return session.direction != v1::SPAN_DIRECTION_TX;
}
bool HasTx(const SpanSession& session) {
  return session.direction == v1::SPAN_DIRECTION_TX ||
         session.direction == v1::SPAN_DIRECTION_BOTH;
}

std::string Analyzer(int session) {
  return absl::StrCat("forwarding-options analyzer callbraid", session);
}

// Logical units: "ge-0/0/6.0".
std::string Unit(const std::string& port) {
  return port.find('.') == std::string::npos && port.find('<') != 0
             ? absl::StrCat(port, ".0")
             : port;
}

void AppendJuniperSources(const SpanSession& session, Lines& lines) {
  for (const std::string& port : PortNames(session.sources)) {
    for (const char* way : {"ingress", "egress"}) {
      const bool ingress = way[0] == 'i';
      if (ingress ? !HasRx(session) : !HasTx(session)) continue;
      lines.push_back(absl::StrCat("set ", Analyzer(session.session), " input ",
                                   way, " interface ", Unit(port)));
    }
  }
}

absl::StatusOr<Lines> SetUpJuniper(const SpanSession& session) {
  Lines lines = {"configure",
                 absl::StrCat("delete ", Analyzer(session.session))};
  AppendJuniperSources(session, lines);
  lines.push_back(absl::StrCat("set ", Analyzer(session.session),
                               " output interface ",
                               Unit(session.destination)));
  lines.push_back("commit and-quit");
  lines.push_back("show forwarding-options analyzer");
  return lines;
}

absl::StatusOr<Lines> AddSourcesJuniper(const SpanSession& session) {
  Lines lines = {"configure"};
  AppendJuniperSources(session, lines);
  lines.push_back("commit and-quit");
  return lines;
}

std::string ShowJuniper(int) { return "show forwarding-options analyzer"; }
std::string FindMacJuniper(std::string_view mac) {
  return absl::StrCat("show ethernet-switching table | match ",
                      std::string(mac));
}

// One source, both its directions.
absl::StatusOr<Lines> SetUpMikrotik(const SpanSession& session) {
  const Lines ports = PortNames(session.sources);
  if (ports.size() > 1) {
    return absl::InvalidArgumentError(
        "a MikroTik switch chip mirrors one port, both its directions: give "
        "the port of the PBX or of the uplink alone, or use mikrotik-crs where "
        "the device is a CRS3xx with RouterOS 7.15 or later");
  }
  return Lines{
      absl::StrCat("/interface ethernet switch set switch1 mirror-source=",
                   ports.front(), " mirror-target=", session.destination),
      "/interface ethernet switch print"};
}
absl::StatusOr<Lines> AddSourcesMikrotik(const SpanSession& session) {
  SpanSession whole = session;
  whole.destination = "<port of the sensor>";
  return SetUpMikrotik(whole);
}

void AppendCrsSources(const SpanSession& session, Lines& lines) {
  for (const std::string& port : PortNames(session.sources)) {
    lines.push_back(
        absl::StrCat("/interface ethernet switch port set ", port,
                     " mirror-ingress=", HasRx(session) ? "yes" : "no",
                     " mirror-egress=", HasTx(session) ? "yes" : "no"));
  }
}
absl::StatusOr<Lines> SetUpCrs(const SpanSession& session) {
  Lines lines = {
      "/interface ethernet switch port set [find] "
      "mirror-ingress=no mirror-egress=no"};
  AppendCrsSources(session, lines);
  lines.push_back(
      absl::StrCat("/interface ethernet switch set switch1 mirror-target=",
                   session.destination));
  lines.push_back("/interface ethernet switch port print");
  return lines;
}
absl::StatusOr<Lines> AddSourcesCrs(const SpanSession& session) {
  Lines lines;
  AppendCrsSources(session, lines);
  return lines;
}

std::string ShowMikrotik(int) {
  return "/interface ethernet switch print detail";
}
std::string FindMacMikrotik(std::string_view mac) {
  return absl::StrCat("/interface bridge host print where mac-address=",
                      std::string(mac));
}

// Its switches take no commands for this: the controller overwrites them.
absl::StatusOr<Lines> SetUpUnifi(const SpanSession& session) {
  const Lines ports = PortNames(session.sources);
  if (ports.size() > 1) {
    return absl::InvalidArgumentError(
        "a UniFi switch mirrors one port, both its directions: give the port "
        "of the PBX or of the uplink alone");
  }
  return Lines{
      "# In the UniFi controller, not by commands:",
      absl::StrCat("# Devices > the switch > Port Manager > port ",
                   session.destination),
      "# Advanced: Manual > Operation: Mirroring",
      absl::StrCat("# Mirrored port: ", ports.front()),
      "# Apply Changes",
  };
}
absl::StatusOr<Lines> AddSourcesUnifi(const SpanSession& session) {
  SpanSession whole = session;
  whole.destination = "<port of the sensor>";
  return SetUpUnifi(whole);
}
std::string ShowUnifi(int) {
  return "# UniFi controller > Devices > the switch > Port Manager";
}
std::string FindMacUnifi(std::string_view mac) {
  return absl::StrCat("# UniFi controller > Client Devices > search ",
                      std::string(mac));
}

// The filters of a session have a priority of their own, so that the commands
// can be given twice and replace no one else's. `continue`: or later filters of
// the port would not run.
void AppendLinuxSources(const SpanSession& session, const std::string& target,
                        Lines& lines) {
  for (const std::string& port : PortNames(session.sources)) {
    lines.push_back(absl::StrCat("tc qdisc replace dev ", port, " clsact"));
    for (const char* way : {"ingress", "egress"}) {
      const std::string place =
          absl::StrCat("dev ", port, " ", way, " prio ", 100 + session.session);
      lines.push_back(
          absl::StrCat("tc filter del ", place, " 2>/dev/null || true"));
      const bool ingress = way[0] == 'i';
      if (ingress ? !HasRx(session) : !HasTx(session)) continue;
      lines.push_back(absl::StrCat("tc filter add ", place,
                                   " protocol all u32 match u32 0 0 action "
                                   "mirred egress mirror dev ",
                                   target, " continue"));
    }
  }
}
absl::StatusOr<Lines> SetUpLinux(const SpanSession& session) {
  Lines lines = {absl::StrCat("ip link set dev ", session.destination,
                              " nomaster up arp off")};
  AppendLinuxSources(session, session.destination, lines);
  return lines;
}
absl::StatusOr<Lines> AddSourcesLinux(const SpanSession& session) {
  Lines lines;
  AppendLinuxSources(session,
                     session.destination.empty() ? "<port of the sensor>"
                                                 : session.destination,
                     lines);
  return lines;
}
std::string ShowLinux(int) {
  return "tc -s filter show dev <source port> ingress";
}
std::string FindMacLinux(std::string_view mac) {
  return absl::StrCat("bridge fdb show | grep -i ", std::string(mac));
}

}  // namespace

const Dialect kJuniper = {v1::SWITCH_FAMILY_JUNIPER,
                          "juniper",
                          "Juniper Junos (ELS: EX2300 and later, QFX)",
                          &SetUpJuniper,
                          &AddSourcesJuniper,
                          &ShowJuniper,
                          &FindMacJuniper};
const Dialect kMikrotik = {v1::SWITCH_FAMILY_MIKROTIK,
                           "mikrotik",
                           "MikroTik RouterOS, switch chip",
                           &SetUpMikrotik,
                           &AddSourcesMikrotik,
                           &ShowMikrotik,
                           &FindMacMikrotik};
const Dialect kMikrotikCrs = {v1::SWITCH_FAMILY_MIKROTIK_CRS,
                              "mikrotik-crs",
                              "MikroTik CRS3xx, RouterOS 7.15 and later",
                              &SetUpCrs,
                              &AddSourcesCrs,
                              &ShowMikrotik,
                              &FindMacMikrotik};
const Dialect kUnifi = {
    v1::SWITCH_FAMILY_UNIFI, "unifi",    "Ubiquiti UniFi", &SetUpUnifi,
    &AddSourcesUnifi,        &ShowUnifi, &FindMacUnifi};
const Dialect kLinuxBridge = {v1::SWITCH_FAMILY_LINUX_BRIDGE,
                              "linux",
                              "Linux bridge (tc)",
                              &SetUpLinux,
                              &AddSourcesLinux,
                              &ShowLinux,
                              &FindMacLinux};

}  // namespace callbraid
