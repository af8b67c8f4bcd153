#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/cli/command.h"
#include "collector/cli/download.h"
#include "collector/cli/stream_id.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

absl::Status CheckOutput(const std::string& path, const char* example) {
  if (!path.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "where to? Give -o ", example, ", or -o - for standard output"));
}

class AudioCommand final : public Command {
 public:
  AudioCommand()
      : Command({"calls audio",
                 {"ID"},
                 "the recording as a WAV file, caller left, callee right",
                 ""}) {}

  void AddFlags(Flags& flags) override {
    flags.String("output,o", "FILE", "where to; - is standard output", output_);
    flags.String("stream", "ID", "only this stream, in mono", stream_);
    flags.Switch("no-concealment", "silence where packets are missing",
                 no_concealment_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    RETURN_IF_ERROR(CheckOutput(output_, "call.wav"));
    v1::GetAudioRequest request;
    request.set_id(arguments[0]);
    request.set_no_concealment(no_concealment_);
    if (!stream_.empty()) {
      ASSIGN_OR_RETURN(*request.mutable_stream_id(),
                       WholeStreamId(session.collector, arguments[0], stream_));
    }
    Download download(session, output_);
    RETURN_IF_ERROR(session.collector.GetAudio(
        request, [&](const v1::GetAudioResponse& piece) {
          for (const std::string& finding : piece.findings()) {
            session.err << "callbraid: " << finding << "\n";
          }
          if (piece.total_bytes() > 0) download.SetTotal(piece.total_bytes());
          return download.Write(piece.data());
        }));
    return download.Close();
  }

 private:
  std::string output_;
  std::string stream_;
  bool no_concealment_ = false;
};

class PacketsCommand final : public Command {
 public:
  PacketsCommand()
      : Command({"calls packets",
                 {"ID"},
                 "SIP, RTP and RTCP as pcapng, from all sensors",
                 "Each capture point is an interface of the file.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.String("output,o", "FILE", "where to; - is standard output", output_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    RETURN_IF_ERROR(CheckOutput(output_, "call.pcapng"));
    v1::GetPacketsRequest request;
    request.set_id(arguments[0]);
    Download download(session, output_);
    RETURN_IF_ERROR(session.collector.GetPackets(
        request, [&download](const v1::GetPacketsResponse& piece) {
          return download.Write(piece.data());
        }));
    return download.Close();
  }

 private:
  std::string output_;
};

}  // namespace

std::unique_ptr<Command> CallsAudio() {
  return std::make_unique<AudioCommand>();
}
std::unique_ptr<Command> CallsPackets() {
  return std::make_unique<PacketsCommand>();
}

}  // namespace callbraid::cli
