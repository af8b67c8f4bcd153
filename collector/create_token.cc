#include "collector/create_token.h"

#include <cstdint>
#include <cstdio>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "callbraid/v1/access.pb.h"
#include "callbraid/v1/config.pb.h"
#include "collector/access/roles.h"
#include "collector/access/token_drop.h"
#include "collector/access/token_secret.h"
#include "common/base/status_macros.h"
#include "common/config/flags.h"
#include "common/config/load_config.h"

namespace callbraid::collector {
namespace {

enum ExitCode { kDone = 0, kFailed = 1, kUsage = 2 };

struct Arguments {
  std::string data;
  std::string config;
  std::string name;
  std::string role = "admin";
  std::string days = "90";
  bool help = false;

  void AddTo(Flags& flags) {
    flags.String("name", "NAME", "whose it is, for lists and the audit log",
                 name);
    flags.String("role", "ROLE",
                 "viewer, operator, auditor, admin; default admin", role);
    flags.String("days", "N", "good for so long; default 90", days);
    flags.String("data", "DIR", "the collector's store", data);
    flags.String("config", "FILE", "the collector's settings: says data",
                 config);
    flags.Switch("help,h", "this text", help);
  }
};

absl::Status Make(const Arguments& arguments, const Clock& clock,
                  std::string& secret) {
  v1::CollectorConfig config;
  if (!arguments.config.empty()) {
    RETURN_IF_ERROR(LoadConfig(arguments.config, config));
  }
  const std::string data =
      arguments.data.empty() ? config.data() : arguments.data;
  if (data.empty()) {
    return absl::InvalidArgumentError(
        "no folder of a store; give --data DIR or --config FILE");
  }
  v1::CreateTokenRequest request;
  request.set_name(arguments.name);
  const auto role = ParseRole(arguments.role);
  uint32_t days = 0;
  if (!role) {
    return absl::InvalidArgumentError(
        "--role is none of viewer, operator, auditor, admin");
  }
  if (!absl::SimpleAtoi(arguments.days, &days)) {
    return absl::InvalidArgumentError("--days is not a number");
  }
  request.set_role(*role);
  request.mutable_expire_time()->set_seconds(clock.WallNs() / 1'000'000'000 +
                                             int64_t{days} * 86'400);
  secret = NewTokenSecret();
  ASSIGN_OR_RETURN(const store::v1::TokenRecord record,
                   NewTokenRecord(request, secret, "", clock.WallNs()));
  return DropToken(data, record);
}

}  // namespace

int CreateToken(int argc, char** argv, const Clock& clock) {
  Arguments arguments;
  Flags flags(
      "Makes an API token in the data folder of a collector, which takes it up "
      "within a\nsecond, or when it starts. The token is printed once; only "
      "its "
      "hash is kept.\n\nusage: callbraid-collector create-token --name NAME "
      "(--data DIR | --config FILE)\n\n");
  arguments.AddTo(flags);
  const auto rest = flags.Parse(argc, argv);
  std::string secret;
  absl::Status status = rest.status();
  if (status.ok() && arguments.help) {
    std::fputs(flags.Help().c_str(), stdout);
    return kDone;
  }
  if (status.ok() && !rest->empty()) {
    status = absl::InvalidArgumentError("'" + rest->front() +
                                        "' is not a flag; see --help");
  }
  if (status.ok()) status = Make(arguments, clock, secret);
  if (!status.ok()) {
    std::fprintf(stderr, "callbraid-collector: %s\n",
                 std::string(status.message()).c_str());
    return absl::IsInvalidArgument(status) ? kUsage : kFailed;
  }
  std::puts(secret.c_str());
  return kDone;
}

}  // namespace callbraid::collector
