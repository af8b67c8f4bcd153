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
                 "sensors saw is one row.\nWith --json: one message at one "
                 "capture point a line, RTCP behind them.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.Switch("rtcp", "with RTCP, of which there may be much", with_rtcp_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    ASSIGN_OR_RETURN(const v1::Call call,
                     session.collector.GetCall(arguments[0]));
    ASSIGN_OR_RETURN(const v1::GetSignallingResponse response,
                     session.collector.GetSignalling(call.id(), with_rtcp_));
    if (!session.json) {
      session.out << RenderLadder(call, response, session.zone);
      return absl::OkStatus();
    }
    for (const v1::SipRecord& message : response.messages()) {
      session.out << ToJson(message) << '\n';
    }
    for (const v1::RtcpRecord& rtcp : response.rtcp()) {
      session.out << ToJson(rtcp) << '\n';
    }
    return absl::OkStatus();
  }

 private:
  bool with_rtcp_ = false;
};

}  // namespace

std::unique_ptr<Command> CallsLadder() {
  return std::make_unique<LadderCommand>();
}

}  // namespace callbraid::cli
