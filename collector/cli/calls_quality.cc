#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "collector/cli/stream_id.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

class QualityCommand final : public Command {
 public:
  QualityCommand()
      : Command({"calls quality",
                 {"ID"},
                 "how well each stream could be heard: loss, jitter, R, MOS",
                 "R and MOS by the E-model of ITU-T G.107 and G.107.1.\nWith "
                 "--json: one stream a line, then {\"listening\": ...}.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.Switch("slices", "every 5 s of each stream", with_slices_);
    flags.Switch("no-plc", "receivers do not conceal lost G.711", without_plc_);
    flags.Switch("listening", "what is heard: levels, talk, one-way, echo",
                 with_listening_);
    flags.String("stream", "ID", "only this stream", stream_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    v1::GetQualityRequest request;
    request.set_id(arguments[0]);
    request.set_with_slices(with_slices_);
    request.set_without_plc(without_plc_);
    request.set_with_listening(with_listening_);
    if (!stream_.empty()) {
      ASSIGN_OR_RETURN(*request.mutable_stream_id(),
                       WholeStreamId(session.collector, arguments[0], stream_));
    }
    ASSIGN_OR_RETURN(const v1::GetQualityResponse response,
                     session.collector.GetQuality(request));
    if (!session.json) {
      ASSIGN_OR_RETURN(const v1::Call call,
                       session.collector.GetCall(arguments[0]));
      session.out << RenderQuality(call, response, session.zone);
      return absl::OkStatus();
    }
    for (const v1::StreamQuality& stream : response.streams()) {
      session.out << ToJson(stream) << '\n';
    }
    if (response.has_listening()) {
      v1::GetQualityResponse listening;
      *listening.mutable_listening() = response.listening();
      session.out << ToJson(listening) << '\n';
    }
    return absl::OkStatus();
  }

 private:
  bool with_slices_ = false;
  bool without_plc_ = false;
  bool with_listening_ = false;
  std::string stream_;
};

}  // namespace

std::unique_ptr<Command> CallsQuality() {
  return std::make_unique<QualityCommand>();
}

}  // namespace callbraid::cli
