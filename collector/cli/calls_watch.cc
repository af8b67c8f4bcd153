#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"

namespace callbraid::cli {
namespace {

class WatchCommand final : public Command {
 public:
  WatchCommand()
      : Command({"calls watch",
                 {},
                 "calls in progress, then changes as they come",
                 "Runs until it is interrupted or the collector stops.\n"}) {}

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    v1::WatchCallsRequest request;
    request.set_include_current(true);
    return session.collector.WatchCalls(
        request, [&session](const v1::WatchCallsResponse& change) {
          session.out << (session.json ? ToJson(change) + '\n'
                                       : RenderChange(change, session.Now(),
                                                      session.zone))
                      << std::flush;
          return session.out.good()
                     ? absl::OkStatus()
                     : absl::AbortedError("cannot write to standard output");
        });
  }
};

}  // namespace

std::unique_ptr<Command> CallsWatch() {
  return std::make_unique<WatchCommand>();
}

}  // namespace callbraid::cli
