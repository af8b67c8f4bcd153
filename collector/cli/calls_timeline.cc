#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "collector/cli/stream_id.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

class TimelineCommand final : public Command {
 public:
  TimelineCommand()
      : Command({"calls timeline",
                 {"ID"},
                 "what happened when: keys, holds, tones, codecs",
                 "Keys are told only with --digits, which is noted in the "
                 "audit log.\nWith --json: one event a line.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.Switch("digits", "tell which keys were pressed", with_digits_);
    flags.String("stream", "ID", "only this stream", stream_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    v1::GetTimelineRequest request;
    request.set_id(arguments[0]);
    request.set_with_digits(with_digits_);
    if (!stream_.empty()) {
      ASSIGN_OR_RETURN(*request.mutable_stream_id(),
                       WholeStreamId(session.collector, arguments[0], stream_));
    }
    ASSIGN_OR_RETURN(const v1::GetTimelineResponse response,
                     session.collector.GetTimeline(request));
    if (!session.json) {
      ASSIGN_OR_RETURN(const v1::Call call,
                       session.collector.GetCall(arguments[0]));
      session.out << RenderTimeline(call, response, session.zone);
      return absl::OkStatus();
    }
    for (const v1::TimelineEvent& event : response.events()) {
      session.out << ToJson(event) << '\n';
    }
    return absl::OkStatus();
  }

 private:
  bool with_digits_ = false;
  std::string stream_;
};

}  // namespace

std::unique_ptr<Command> CallsTimeline() {
  return std::make_unique<TimelineCommand>();
}

}  // namespace callbraid::cli
