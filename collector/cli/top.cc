#include <sys/ioctl.h>
#include <unistd.h>

#include <deque>
#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render_top.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

constexpr uint32_t kMaxCalls = 1000;
constexpr size_t kSecondsOfHistory = 10;
constexpr size_t kRowsWithoutTerminal = 50;
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
      : Command(
            {"top",
             {},
             "calls in progress and sensors, as they are each second",
             "Ends with Ctrl-C. Without a terminal it shows them once.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.Switch("once", "show them once, and end", once_);
  }

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    const bool once = once_ || session.json || isatty(STDOUT_FILENO) == 0;
    // Sensors report every few seconds, so what is new is told of the last ten.
    std::deque<TopSample> history;
    while (true) {
      ASSIGN_OR_RETURN(TopSample sample, Ask(session));
      if (session.json) {
        for (const v1::Call& call : sample.calls) {
          session.out << ToJson(call) << '\n';
        }
        return absl::OkStatus();
      }
      const std::string screen =
          RenderTop(sample, history.empty() ? TopSample() : history.front(),
                    once ? kRowsWithoutTerminal : TerminalRows(), session.zone);
      session.out << (once ? "" : kHome) << screen << std::flush;
      if (once) return absl::OkStatus();
      if (!session.out.good()) {
        return absl::AbortedError("cannot write to standard output");
      }
      sample.calls.clear();
      history.push_back(std::move(sample));
      if (history.size() > kSecondsOfHistory) history.pop_front();
      absl::SleepFor(absl::Seconds(1));
    }
  }

 private:
  static absl::StatusOr<TopSample> Ask(Session& session) {
    TopSample sample;
    sample.time = session.Now();
    v1::ListCallsRequest request;
    request.set_page_size(kMaxCalls);
    for (const auto state : {v1::CALL_STATE_SETUP, v1::CALL_STATE_RINGING,
                             v1::CALL_STATE_ACTIVE}) {
      request.add_states(state);
    }
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

  bool once_ = false;
};

}  // namespace

std::unique_ptr<Command> Top() { return std::make_unique<TopCommand>(); }

}  // namespace callbraid::cli
