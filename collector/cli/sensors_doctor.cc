#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "common/base/status_macros.h"
#include "common/switches/span_commands.h"

namespace callbraid::cli {
namespace {

class DoctorCommand final : public Command {
 public:
  DoctorCommand()
      : Command({"sensors doctor",
                 {},
                 "what is wrong with the mirrors, and the cure",
                 "ID is that of a sensor; without it, all. Looks at the last "
                 "hour that each\nsensor reported about, or at the time given. "
                 "The exit code is 0 whatever it\nfinds.\n",
                 {"ID"}}) {}

  void AddFlags(Flags& flags) override {
    flags.String("site", "SITE", "only this site", site_);
    flags.Value("switch", "FAMILY",
                absl::StrCat("whose commands cures are told in: ",
                             absl::StrJoin(SwitchFamilyNames(), ", "),
                             "; default cisco-ios"),
                [this](const std::string& value) -> absl::Status {
                  ASSIGN_OR_RETURN(const auto family, ParseSwitchFamily(value));
                  request_.set_switch_family(family);
                  return absl::OkStatus();
                });
    flags.String("from", "TIME", "only what was captured at or after", from_);
    flags.String("to", "TIME", "only what was captured before", to_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    if (!arguments.empty()) request_.set_sensor(arguments[0]);
    request_.set_site(site_);
    if (!from_.empty()) {
      ASSIGN_OR_RETURN(const absl::Time time,
                       ParseTimeArgument(from_, session.Now(), session.zone));
      *request_.mutable_from() = FromTime(time);
    }
    if (!to_.empty()) {
      ASSIGN_OR_RETURN(const absl::Time time,
                       ParseTimeArgument(to_, session.Now(), session.zone));
      *request_.mutable_before() = FromTime(time);
    }
    ASSIGN_OR_RETURN(const v1::DiagnoseResponse response,
                     session.collector.Diagnose(request_));
    if (session.json) {
      session.out << ToJson(response) << '\n';
    } else if (response.capture_points().empty()) {
      session.err << "no sensor has connected yet\n";
    } else {
      session.out << RenderDiagnosis(response, session.zone);
    }
    return absl::OkStatus();
  }

 private:
  std::string site_;
  std::string from_;
  std::string to_;
  v1::DiagnoseRequest request_;
};

}  // namespace

std::unique_ptr<Command> SensorsDoctor() {
  return std::make_unique<DoctorCommand>();
}

}  // namespace callbraid::cli
