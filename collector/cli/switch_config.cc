#include <fstream>
#include <iostream>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/switch_check.h"
#include "common/base/status_macros.h"
#include "common/switches/show_output.h"
#include "common/switches/span_commands.h"

namespace callbraid::cli {
namespace {

void AddFamilyFlag(Flags& flags, v1::SwitchFamily& family) {
  flags.Value(
      "family", "FAMILY",
      absl::StrCat("whose commands: ", absl::StrJoin(SwitchFamilyNames(), ", "),
                   "; default cisco-ios"),
      [&family](const std::string& value) -> absl::Status {
        ASSIGN_OR_RETURN(family, ParseSwitchFamily(value));
        return absl::OkStatus();
      });
}

// Writes the commands of a mirror.
class ConfigCommand final : public Command {
 public:
  ConfigCommand()
      : Command({"switch-config",
                 {},
                 "commands that set up a mirror (SPAN) on a switch",
                 "PORTS are as the switch names them: fa0/5,fa0/6-10 or "
                 "ge-0/0/6.\nThe default, rx on all ports (phones, PBX and "
                 "uplink), shows each frame\nonce. Needs no collector.\n"}) {}

  void AddFlags(Flags& flags) override {
    AddFamilyFlag(flags, family_);
    flags.String("source", "PORTS", "ports to be mirrored", sources_);
    flags.String("destination", "PORT", "port that the sensor is plugged into",
                 session_.destination);
    flags.Value(
        "direction", "rx|tx|both",
        "what is copied: what ports receive, send, or both; default rx",
        [this](const std::string& value) { return SetDirection(value); });
    flags.Value("session", "N", "number of the session; default 1",
                [this](const std::string& value) -> absl::Status {
                  if (absl::SimpleAtoi(value, &session_.session)) {
                    return absl::OkStatus();
                  }
                  return absl::InvalidArgumentError(
                      absl::StrCat("'", value, "' is not a number"));
                });
  }
  bool UsesCollector() const override { return false; }

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    if (sources_.empty() || session_.destination.empty()) {
      return absl::InvalidArgumentError(
          "give --source PORTS and --destination PORT, e.g. --source fa0/5-10 "
          "--destination fa0/3");
    }
    ASSIGN_OR_RETURN(session_.sources, ParsePorts(sources_));
    ASSIGN_OR_RETURN(const std::vector<PortRange> destination,
                     ParsePorts(session_.destination));
    if (destination.size() != 1 || !destination[0].is_single()) {
      return absl::InvalidArgumentError("--destination: one port");
    }
    session_.destination = destination[0].First();
    ASSIGN_OR_RETURN(const std::vector<std::string> commands,
                     SpanCommands(family_, session_));
    for (const std::string& command : commands) {
      session.out << command << '\n';
    }
    return absl::OkStatus();
  }

 private:
  absl::Status SetDirection(const std::string& value) {
    if (value == "rx") {
      session_.direction = v1::SPAN_DIRECTION_RX;
    } else if (value == "tx") {
      session_.direction = v1::SPAN_DIRECTION_TX;
    } else if (value == "both") {
      session_.direction = v1::SPAN_DIRECTION_BOTH;
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("--direction: '", value, "' is not rx, tx or both"));
    }
    return absl::OkStatus();
  }

  v1::SwitchFamily family_ = v1::SWITCH_FAMILY_CISCO_IOS;
  std::string sources_;
  SpanSession session_;
};

// Compares what a switch shows with what the sensors see.
class CheckCommand final : public Command {
 public:
  CheckCommand()
      : Command({"switch-config check",
                 {"FILE"},
                 "compares a pasted `show monitor session` with the phones "
                 "seen",
                 "FILE (- is the standard input) holds what a switch showed: "
                 "`show monitor\nsession N`, and `show mac address-table` if "
                 "ports of phones are to be named.\n"}) {}

  void AddFlags(Flags& flags) override {
    AddFamilyFlag(flags, request_family_);
    flags.String("site", "SITE", "only the phones of this site", site_);
    flags.Switch("offline", "look at the file alone, ask no collector",
                 offline_);
  }
  bool UsesCollector() const override { return !offline_; }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    ASSIGN_OR_RETURN(const std::string text, ReadText(arguments[0]));
    const ShowOutput shown = ParseShowOutput(text);
    if (shown.sessions.empty() && !shown.says_none && shown.macs.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", arguments[0],
                       "' has no output of `show monitor session` or `show mac "
                       "address-table` in it"));
    }
    v1::DiagnoseResponse diagnosis;
    if (!offline_) {
      v1::DiagnoseRequest request;
      request.set_site(site_);
      ASSIGN_OR_RETURN(diagnosis, session.collector.Diagnose(request));
    }
    const std::vector<SwitchFinding> findings =
        CheckSwitch(shown, diagnosis, request_family_);
    if (findings.empty()) {
      session.out << (offline_ ? "nothing is wrong with the session\n"
                               : "nothing is wrong: the session and the phones "
                                 "that are seen fit\n");
    }
    session.out << RenderFindings(findings);
    return absl::OkStatus();
  }

 private:
  static absl::StatusOr<std::string> ReadText(const std::string& path) {
    std::string text;
    const auto read = [&text](std::istream& in) {
      text.resize(ShowOutput::kMaxBytes);
      in.read(text.data(), static_cast<std::streamsize>(text.size()));
      text.resize(static_cast<size_t>(in.gcount()));
    };
    if (path == "-") {
      read(std::cin);
      return text;
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      return absl::NotFoundError(absl::StrCat("cannot read '", path, "'"));
    }
    read(file);
    return text;
  }

  v1::SwitchFamily request_family_ = v1::SWITCH_FAMILY_CISCO_IOS;
  std::string site_;
  bool offline_ = false;
};

}  // namespace

std::unique_ptr<Command> SwitchConfig() {
  return std::make_unique<ConfigCommand>();
}
std::unique_ptr<Command> SwitchConfigCheck() {
  return std::make_unique<CheckCommand>();
}

}  // namespace callbraid::cli
