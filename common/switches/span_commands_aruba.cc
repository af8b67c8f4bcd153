// HPE Aruba: ArubaOS-Switch management and configuration guide, "Traffic
// mirroring"; AOS-CX monitoring guide, "Mirroring".
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/switches/dialect.h"

namespace callbraid {
namespace {

// "6-10,12": a list without spaces.
std::string SwitchSources(const SpanSession& session) {
  const std::string ports = absl::StrJoin(
      session.sources, ",", [](std::string* out, const PortRange& range) {
        absl::StrAppend(out, range.First());
        // Letters name the module: "A1-A5".
        if (!range.is_single()) {
          absl::StrAppend(out, "-", range.prefix, range.last);
        }
      });
  return absl::StrCat("interface ", ports, " monitor all ",
                      DirectionWord(session.direction, "in", "out", "both"),
                      " mirror ", session.session);
}

absl::Status CheckMirror(const SpanSession& session) {
  if (session.session <= 4) return absl::OkStatus();
  return absl::InvalidArgumentError("these switches have mirrors 1 to 4");
}

absl::StatusOr<Lines> SetUpSwitch(const SpanSession& session) {
  if (auto status = CheckMirror(session); !status.ok()) return status;
  return Lines{
      "configure",
      absl::StrCat("no mirror ", session.session),
      absl::StrCat("mirror ", session.session, " port ", session.destination),
      SwitchSources(session),
      "exit",
      absl::StrCat("show monitor ", session.session),
      "write memory",
  };
}

absl::StatusOr<Lines> AddSourcesSwitch(const SpanSession& session) {
  if (auto status = CheckMirror(session); !status.ok()) return status;
  return Lines{"configure", SwitchSources(session), "exit", "write memory"};
}

std::string ShowSwitch(int session) {
  return absl::StrCat("show monitor ", session);
}
std::string FindMacSwitch(std::string_view mac) {
  return absl::StrCat("show mac-address ", DashedMac(mac));
}

void AppendCxSources(const SpanSession& session, Lines& lines) {
  lines.push_back(absl::StrCat("mirror session ", session.session));
  for (const std::string& port : PortNames(session.sources)) {
    lines.push_back(
        absl::StrCat("    source interface ", port, " ",
                     DirectionWord(session.direction, "rx", "tx", "both")));
  }
}

absl::StatusOr<Lines> SetUpCx(const SpanSession& session) {
  if (auto status = CheckMirror(session); !status.ok()) return status;
  Lines lines = {"configure terminal",
                 absl::StrCat("no mirror session ", session.session)};
  AppendCxSources(session, lines);
  lines.push_back(
      absl::StrCat("    destination interface ", session.destination));
  lines.push_back("    enable");
  lines.push_back("end");
  lines.push_back(absl::StrCat("show mirror ", session.session));
  lines.push_back("write memory");
  return lines;
}

absl::StatusOr<Lines> AddSourcesCx(const SpanSession& session) {
  if (auto status = CheckMirror(session); !status.ok()) return status;
  Lines lines = {"configure terminal"};
  AppendCxSources(session, lines);
  lines.push_back("end");
  lines.push_back("write memory");
  return lines;
}

std::string ShowCx(int session) {
  return absl::StrCat("show mirror ", session);
}
std::string FindMacCx(std::string_view mac) {
  return absl::StrCat("show mac-address-table address ", std::string(mac));
}

}  // namespace

const Dialect kArubaOsSwitch = {v1::SWITCH_FAMILY_ARUBA_OS_SWITCH,
                                "aruba-os",
                                "HPE ProCurve and ArubaOS-Switch",
                                &SetUpSwitch,
                                &AddSourcesSwitch,
                                &ShowSwitch,
                                &FindMacSwitch};
const Dialect kArubaCx = {v1::SWITCH_FAMILY_ARUBA_CX,
                          "aruba-cx",
                          "HPE Aruba AOS-CX",
                          &SetUpCx,
                          &AddSourcesCx,
                          &ShowCx,
                          &FindMacCx};

}  // namespace callbraid
