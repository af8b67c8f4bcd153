// Dell OS6 and OS10, and what shares OS6's origin (FASTPATH): Ubiquiti's
// EdgeSwitch and Netgear's managed switches. From their CLI reference guides,
// "monitor session".
#include "absl/strings/str_cat.h"
#include "common/switches/dialect.h"

namespace callbraid {
namespace {

// Both directions are the default and have no word.
std::string Direction(const SpanSession& session) {
  return DirectionWord(session.direction, " rx", " tx", "");
}

void AppendSources(const SpanSession& session, Lines& lines) {
  for (const std::string& port : PortNames(session.sources)) {
    lines.push_back(absl::StrCat("monitor session ", session.session,
                                 " source interface ", port,
                                 Direction(session)));
  }
}

Lines SetUpWithMode(const SpanSession& session, const char* save) {
  Lines lines = {"configure",
                 absl::StrCat("no monitor session ", session.session)};
  AppendSources(session, lines);
  lines.push_back(absl::StrCat("monitor session ", session.session,
                               " destination interface ", session.destination));
  // Starts it.
  lines.push_back(absl::StrCat("monitor session ", session.session, " mode"));
  lines.push_back("exit");
  lines.push_back(absl::StrCat("show monitor session ", session.session));
  lines.push_back(save);
  return lines;
}

absl::StatusOr<Lines> SetUpOs6(const SpanSession& session) {
  return SetUpWithMode(session, "copy running-config startup-config");
}
absl::StatusOr<Lines> SetUpFastpath(const SpanSession& session) {
  return SetUpWithMode(session, "write memory");
}
Lines AddSourcesAndSave(const SpanSession& session, const char* save) {
  Lines lines = {"configure"};
  AppendSources(session, lines);
  lines.push_back("exit");
  lines.push_back(save);
  return lines;
}
absl::StatusOr<Lines> AddSourcesOs6(const SpanSession& session) {
  return AddSourcesAndSave(session, "copy running-config startup-config");
}
absl::StatusOr<Lines> AddSourcesFastpath(const SpanSession& session) {
  return AddSourcesAndSave(session, "write memory");
}

std::string Show(int session) {
  return absl::StrCat("show monitor session ", session);
}
std::string FindMacOs6(std::string_view mac) {
  return absl::StrCat("show mac address-table address ", DottedMac(mac));
}
std::string FindMacFastpath(std::string_view mac) {
  return absl::StrCat("show mac-addr-table | include ", std::string(mac));
}

void AppendOs10Sources(const SpanSession& session, Lines& lines) {
  lines.push_back(
      absl::StrCat("monitor session ", session.session, " type local"));
  for (const std::string& port : PortNames(session.sources)) {
    lines.push_back(
        absl::StrCat(" source interface ", port, " ",
                     DirectionWord(session.direction, "rx", "tx", "both")));
  }
}

absl::StatusOr<Lines> SetUpOs10(const SpanSession& session) {
  Lines lines = {"configure terminal",
                 absl::StrCat("no monitor session ", session.session),
                 // A destination may be in no VLAN.
                 absl::StrCat("interface ", session.destination),
                 " no switchport", " no shutdown", " exit"};
  AppendOs10Sources(session, lines);
  lines.push_back(absl::StrCat(" destination interface ", session.destination));
  lines.push_back(" no shut");
  lines.push_back(" end");
  lines.push_back("show monitor session all");
  lines.push_back("write memory");
  return lines;
}

absl::StatusOr<Lines> AddSourcesOs10(const SpanSession& session) {
  Lines lines = {"configure terminal"};
  AppendOs10Sources(session, lines);
  lines.push_back(" end");
  lines.push_back("write memory");
  return lines;
}

std::string ShowOs10(int) { return "show monitor session all"; }
std::string FindMacOs10(std::string_view mac) {
  return absl::StrCat("show mac address-table address ", std::string(mac));
}

}  // namespace

const Dialect kDellOs6 = {v1::SWITCH_FAMILY_DELL_OS6,
                          "dell-os6",
                          "Dell OS6 (PowerConnect, N-Series)",
                          &SetUpOs6,
                          &AddSourcesOs6,
                          &Show,
                          &FindMacOs6};
const Dialect kDellOs10 = {v1::SWITCH_FAMILY_DELL_OS10,
                           "dell-os10",
                           "Dell SmartFabric OS10",
                           &SetUpOs10,
                           &AddSourcesOs10,
                           &ShowOs10,
                           &FindMacOs10};
const Dialect kEdgeSwitch = {v1::SWITCH_FAMILY_EDGESWITCH,
                             "edgeswitch",
                             "Ubiquiti EdgeSwitch",
                             &SetUpFastpath,
                             &AddSourcesFastpath,
                             &Show,
                             &FindMacFastpath};
const Dialect kNetgear = {v1::SWITCH_FAMILY_NETGEAR,
                          "netgear",
                          "Netgear managed switches with a CLI",
                          &SetUpFastpath,
                          &AddSourcesFastpath,
                          &Show,
                          &FindMacFastpath};

}  // namespace callbraid
