#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "collector/cli/call_selection.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render_top.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

constexpr uint32_t kMaxCalls = 1000;
constexpr size_t kRowsWithoutTerminal = 50;
constexpr v1::CallState kInProgress[] = {
    v1::CALL_STATE_SETUP, v1::CALL_STATE_RINGING, v1::CALL_STATE_ACTIVE};
// To the upper left corner, and what is below is gone.
constexpr char kHome[] = "\x1b[H\x1b[J";

size_t TerminalRows() {
  winsize size = {};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 1
             ? size.ws_row - 1
             : kRowsWithoutTerminal;
}

class TopCommand final : public Command {
 public:
  TopCommand()
      : Command({"top",
                 {},
                 "calls in progress and sensors, as they are each second",
                 "Ends with Ctrl-C. Without a terminal it shows them once. "
                 "While the "
                 "collector does\nnot answer, it asks again and says so. All "
                 "conditions must hold, for what is in\nprogress and for what "
                 "began "
                 "in the last minute.\n"}) {}

  void AddFlags(Flags& flags) override {
    conditions_.AddFlags(flags);
    conditions_.AddSearchFlags(flags);
    flags.Switch("once", "show them once, and end", once_);
  }

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    const bool once = once_ || session.json || isatty(STDOUT_FILENO) == 0;
    while (true) {
      absl::StatusOr<TopSample> sample = Ask(session);
      if (once) {
        RETURN_IF_ERROR(sample.status());
        return ShowOnce(session, *sample);
      }
      ASSIGN_OR_RETURN(
          const std::string screen,
          view_.Show(std::move(sample), TerminalRows(), session.zone));
      session.out << kHome << screen << std::flush;
      if (!session.out.good()) {
        return absl::AbortedError("cannot write to standard output");
      }
      absl::SleepFor(view_.NextWait());
    }
  }

 private:
  static absl::Status ShowOnce(Session& session, const TopSample& sample) {
    if (!session.json) {
      session.out << RenderTop(sample, TopSample(), kRowsWithoutTerminal,
                               session.zone);
      return absl::OkStatus();
    }
    for (const v1::Call& call : sample.calls) {
      session.out << ToJson(call) << '\n';
    }
    return absl::OkStatus();
  }

  // Which of those in progress are wanted.
  static absl::Status SetStates(v1::ListCallsRequest& request) {
    for (const int state : request.states()) {
      if (std::find(std::begin(kInProgress), std::end(kInProgress), state) ==
          std::end(kInProgress)) {
        return absl::InvalidArgumentError(
            "--state: what is in progress is setup, ringing or active; "
            "callbraid calls list has the others");
      }
    }
    if (request.states().empty()) {
      for (const v1::CallState state : kInProgress) request.add_states(state);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<TopSample> Ask(Session& session) const {
    TopSample sample;
    sample.time = session.Now();
    v1::ListCallsRequest request = conditions_.Request();
    request.set_page_size(kMaxCalls);
    RETURN_IF_ERROR(SetStates(request));
    ASSIGN_OR_RETURN(const v1::ListCallsResponse calls,
                     session.collector.ListCalls(request));
    sample.calls.assign(calls.calls().begin(), calls.calls().end());
    sample.more_calls = !calls.next_page_token().empty();
    request.clear_states();
    *request.mutable_start_from() = FromTime(sample.time - absl::Minutes(1));
    ASSIGN_OR_RETURN(const v1::ListCallsResponse begun,
                     session.collector.ListCalls(request));
    sample.begun = begun.calls_size();
    sample.many_begun = !begun.next_page_token().empty();
    const auto sensors = session.collector.ListSensors();
    // Who may see calls need not be allowed to see sensors.
    if (sensors.ok()) {
      sample.sensors.assign(sensors->sensors().begin(),
                            sensors->sensors().end());
    } else if (!absl::IsPermissionDenied(sensors.status())) {
      return sensors.status();
    }
    return sample;
  }

  CallConditions conditions_;
  TopView view_;
  bool once_ = false;
};

}  // namespace

std::unique_ptr<Command> Top() { return std::make_unique<TopCommand>(); }

}  // namespace callbraid::cli
