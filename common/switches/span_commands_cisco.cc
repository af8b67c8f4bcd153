// Cisco: Catalyst 2960 command reference, "monitor session"; Nexus NX-OS system
// management guide, "Configuring SPAN".
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/switches/dialect.h"

namespace callbraid {
namespace {

// A space must stand before and after each comma and hyphen.
std::string IosSources(const SpanSession& session) {
  const std::string ports = absl::StrJoin(
      session.sources, " , ", [](std::string* out, const PortRange& range) {
        absl::StrAppend(out, RangeText(range, " - "));
      });
  return absl::StrCat("monitor session ", session.session, " source interface ",
                      ports, " ",
                      DirectionWord(session.direction, "rx", "tx", "both"));
}

absl::StatusOr<Lines> SetUpIos(const SpanSession& session) {
  return Lines{
      "configure terminal",
      absl::StrCat("no monitor session ", session.session),
      IosSources(session),
      // Keeps VLAN tags; without it copies leave untagged.
      absl::StrCat("monitor session ", session.session,
                   " destination interface ", session.destination,
                   " encapsulation replicate"),
      "end",
      absl::StrCat("show monitor session ", session.session),
      // `copy running-config startup-config` would ask.
      "write memory",
  };
}

absl::StatusOr<Lines> AddSourcesIos(const SpanSession& session) {
  return Lines{"configure terminal", IosSources(session), "end",
               "write memory"};
}

std::string ShowMonitor(int session) {
  return absl::StrCat("show monitor session ", session);
}
std::string FindMac(std::string_view mac) {
  return absl::StrCat("show mac address-table address ", DottedMac(mac));
}

void AppendNxosSources(const SpanSession& session, Lines& lines) {
  lines.push_back(absl::StrCat("monitor session ", session.session));
  for (const PortRange& range : session.sources) {
    lines.push_back(
        absl::StrCat("  source interface ", RangeText(range, "-"), " ",
                     DirectionWord(session.direction, "rx", "tx", "both")));
  }
}

absl::StatusOr<Lines> SetUpNxos(const SpanSession& session) {
  Lines lines = {
      "configure terminal",
      absl::StrCat("interface ", session.destination),
      "  switchport",
      "  switchport monitor",
      "  no shutdown",
      absl::StrCat("no monitor session ", session.session),
  };
  AppendNxosSources(session, lines);
  lines.push_back(
      absl::StrCat("  destination interface ", session.destination));
  lines.push_back("  no shut");
  lines.push_back("end");
  lines.push_back(ShowMonitor(session.session));
  lines.push_back("copy running-config startup-config");
  return lines;
}

absl::StatusOr<Lines> AddSourcesNxos(const SpanSession& session) {
  Lines lines = {"configure terminal"};
  AppendNxosSources(session, lines);
  lines.push_back("end");
  lines.push_back("copy running-config startup-config");
  return lines;
}

}  // namespace

const Dialect kCiscoIos = {v1::SWITCH_FAMILY_CISCO_IOS,
                           "cisco-ios",
                           "Cisco IOS and IOS XE (Catalyst 2960 and its like)",
                           &SetUpIos,
                           &AddSourcesIos,
                           &ShowMonitor,
                           &FindMac};
const Dialect kCiscoNxos = {v1::SWITCH_FAMILY_CISCO_NXOS,
                            "cisco-nxos",
                            "Cisco NX-OS (Nexus)",
                            &SetUpNxos,
                            &AddSourcesNxos,
                            &ShowMonitor,
                            &FindMac};

}  // namespace callbraid
