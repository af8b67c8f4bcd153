#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

class LadderCommand final : public Command {
 public:
  LadderCommand()
      : Command({"calls ladder",
                 {"ID"},
                 "SIP and RTP by time, one column a host",
                 "Times are aligned between sensors. A message that several "
                 "sensors saw is one row.\nWith --json: one SIP message at one "
                 "capture point a line.\n"}) {}

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    ASSIGN_OR_RETURN(const v1::Call call,
                     session.collector.GetCall(arguments[0]));
    ASSIGN_OR_RETURN(const v1::GetSignallingResponse response,
                     session.collector.GetSignalling(call.id()));
    if (!session.json) {
      session.out << RenderLadder(call, response, session.zone);
      return absl::OkStatus();
    }
    for (const v1::SipRecord& message : response.messages()) {
      session.out << ToJson(message) << '\n';
    }
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Command> CallsLadder() {
  return std::make_unique<LadderCommand>();
}

}  // namespace callbraid::cli
