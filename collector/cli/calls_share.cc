#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

class ShareCommand final : public Command {
 public:
  ShareCommand()
      : Command({"calls share",
                 {"ID"},
                 "a link to a call, for somebody who has no token",
                 "Who has the link sees and hears this one call, and nothing "
                 "else; the audit log\nsays when. Prints what comes behind the "
                 "address of the web UI. To take it back:\ncallbraid tokens "
                 "revoke.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.Value("with", "NAME", "whom it is for, for the audit log",
                [this](const std::string& value) {
                  request_.set_name(value);
                  return absl::OkStatus();
                });
    flags.Value("days", "N", "good for so long, at most 30; default 7",
                [this](const std::string& value) -> absl::Status {
                  if (absl::SimpleAtoi(value, &days_) && days_ > 0) {
                    return absl::OkStatus();
                  }
                  return absl::InvalidArgumentError(
                      absl::StrCat("'", value, "' is not a number of days"));
                });
  }

  absl::Status Run(Session& session,
                   const std::vector<std::string>& arguments) override {
    request_.set_id(arguments[0]);
    if (days_ > 0) {
      *request_.mutable_expire_time() =
          FromTime(session.Now() + absl::Hours(24) * days_);
    }
    ASSIGN_OR_RETURN(const v1::ShareCallResponse response,
                     session.collector.ShareCall(request_));
    if (session.json) {
      session.out << ToJson(response) << '\n';
      return absl::OkStatus();
    }
    session.out << response.path() << '\n';
    session.err << "token " << response.token().id() << " of "
                << response.token().name() << ", until "
                << DateAndTime(ToTime(response.token().expire_time()),
                               session.zone)
                << "; it is not shown again\n";
    return absl::OkStatus();
  }

 private:
  v1::ShareCallRequest request_;
  uint32_t days_ = 0;
};

}  // namespace

std::unique_ptr<Command> CallsShare() {
  return std::make_unique<ShareCommand>();
}

}  // namespace callbraid::cli
