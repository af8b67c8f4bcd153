#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

class ShowCommand final : public Command {
 public:
  ShowCommand() : Command({"calls show", {"ID"}, "all about one call", ""}) {}

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    ASSIGN_OR_RETURN(const v1::Call call,
                     session.collector.GetCall(arguments[0]));
    session.out << (session.json
                        ? ToJson(call) + '\n'
                        : RenderCall(call, session.Now(), session.zone));
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<Command> CallsShow() { return std::make_unique<ShowCommand>(); }

}  // namespace callbraid::cli
