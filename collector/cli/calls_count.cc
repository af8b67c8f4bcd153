#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render_counts.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

class CountCommand final : public Command {
 public:
  CountCommand()
      : Command({"calls count",
                 {},
                 "how many calls there were, by hour, day or week",
                 "A call counts at the site that saw it first, by the quarter "
                 "of an hour in\nwhich it starts: the first interval begins "
                 "with that of --from. It takes no\nlonger for many calls "
                 "than for few. LOSSY: sensors lost some of it. TIME is\nas "
                 "in calls list.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.String("from", "TIME",
                 "calls that start at or after; default seven days ago", from_);
    flags.String("to", "TIME", "calls that start before; default now", to_);
    flags.Value("by", "STEP", "quarter, hour, day (default) or week",
                [this](const std::string& word) { return SetStep(word); });
    flags.String("site", "SITE", "only calls that it saw first",
                 *request_.mutable_site());
    flags.Switch("by-site", "each site by itself", by_site_);
  }

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    ASSIGN_OR_RETURN(const absl::Time from, Time(session, "--from", from_));
    ASSIGN_OR_RETURN(const absl::Time to, Time(session, "--to", to_));
    *request_.mutable_start_from() = FromTime(from);
    *request_.mutable_start_before() = FromTime(to);
    *request_.mutable_interval() = FromDuration(step_);
    request_.set_time_zone(ZoneForApi(to, session.zone));
    request_.set_by_site(by_site_);
    ASSIGN_OR_RETURN(const v1::CountCallsResponse found,
                     session.collector.CountCalls(request_));
    session.out << (session.json ? CountsJson(found, by_site_)
                                 : RenderCounts(found, by_site_, session.zone));
    return absl::OkStatus();
  }

 private:
  absl::Status SetStep(const std::string& word) {
    if (word == "quarter") {
      step_ = absl::Minutes(15);
    } else if (word == "hour") {
      step_ = absl::Hours(1);
    } else if (word == "day") {
      step_ = absl::Hours(24);
    } else if (word == "week") {
      step_ = absl::Hours(24 * 7);
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("'", word, "' is none of quarter, hour, day, week"));
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<absl::Time> Time(const Session& session,
                                         const char* flag,
                                         const std::string& text) {
    auto time = ParseTimeArgument(text, session.Now(), session.zone);
    if (time.ok()) return time;
    return absl::InvalidArgumentError(
        absl::StrCat(flag, ": ", time.status().message()));
  }

  v1::CountCallsRequest request_;
  std::string from_ = "7d";
  std::string to_ = "now";
  absl::Duration step_ = absl::Hours(24);
  bool by_site_ = false;
};

}  // namespace

std::unique_ptr<Command> CallsCount() {
  return std::make_unique<CountCommand>();
}

}  // namespace callbraid::cli
