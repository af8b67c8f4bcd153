#include <string>
#include <vector>

#include "collector/cli/command.h"
#include "collector/cli/download.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

class PacketsCommand final : public Command {
 public:
  PacketsCommand()
      : Command({"calls packets",
                 {"ID"},
                 "SIP, RTP, RTCP and T.38 as pcapng, from all sensors",
                 "Each capture point is an interface of the file.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.String("output,o", "FILE", "where to; - is standard output", output_);
    flags.Switch("mask-keys", "without what tells which keys were pressed",
                 mask_keys_);
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    RETURN_IF_ERROR(CheckOutput(output_, "call.pcapng"));
    v1::GetPacketsRequest request;
    request.set_id(arguments[0]);
    request.set_mask_keys(mask_keys_);
    Download download(session, output_);
    RETURN_IF_ERROR(session.collector.GetPackets(
        request, [&download](const v1::GetPacketsResponse& piece) {
          return download.Write(piece.data());
        }));
    return download.Close();
  }

 private:
  std::string output_;
  bool mask_keys_ = false;
};

}  // namespace

std::unique_ptr<Command> CallsPackets() {
  return std::make_unique<PacketsCommand>();
}

}  // namespace callbraid::cli
