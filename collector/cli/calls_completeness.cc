#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render_completeness.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

class CompletenessCommand final : public Command {
 public:
  CompletenessCommand()
      : Command(
            {"calls completeness",
             {},
             "how many answered calls are recorded whole, by day and site",
             "Counts each call at the site that saw it first. No share is "
             "told where retention has\ndeleted media since. Below, the "
             "phones that signalled calls in that time but were\nheard in "
             "none: as a rule their port is not mirrored (sensors doctor). "
             "calls\nreconcile tells of calls that no sensor saw at all.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.String("from", "TIME",
                 "calls that start at or after; default seven days ago", from_);
    flags.String("to", "TIME", "calls that start before; default now", to_);
  }

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    ASSIGN_OR_RETURN(const absl::Time from, Time(session, "--from", from_));
    ASSIGN_OR_RETURN(const absl::Time to, Time(session, "--to", to_));
    v1::GetCompletenessRequest question;
    *question.mutable_start_from() = FromTime(from);
    *question.mutable_start_before() = FromTime(to);
    question.set_time_zone(ZoneForApi(to, session.zone));
    ASSIGN_OR_RETURN(const v1::GetCompletenessResponse answer,
                     session.collector.GetCompleteness(question));
    if (answer.truncated()) {
      session.err << "only calls from "
                  << DateAndTime(ToTime(answer.counted_from()), session.zone)
                  << " on are counted: there are too many; give --to\n";
    }
    if (session.json) {
      session.out << CompletenessJson(answer);
      return absl::OkStatus();
    }
    if (answer.calls() == 0) {
      session.err << "no calls\n";
      return absl::OkStatus();
    }
    session.out << RenderCompleteness(answer);
    v1::DiagnoseRequest request;
    *request.mutable_from() = FromTime(from);
    *request.mutable_before() = FromTime(to);
    const auto diagnosis = session.collector.Diagnose(request);
    // Who may list calls need not be allowed to see sensors.
    if (diagnosis.ok()) session.out << RenderUnheard(*diagnosis);
    return absl::OkStatus();
  }

 private:
  static absl::StatusOr<absl::Time> Time(const Session& session,
                                         const char* flag,
                                         const std::string& text) {
    auto time = ParseTimeArgument(text, session.Now(), session.zone);
    if (time.ok()) return time;
    return absl::InvalidArgumentError(
        absl::StrCat(flag, ": ", time.status().message()));
  }

  std::string from_ = "7d";
  std::string to_ = "now";
};

}  // namespace

std::unique_ptr<Command> CallsCompleteness() {
  return std::make_unique<CompletenessCommand>();
}

}  // namespace callbraid::cli
