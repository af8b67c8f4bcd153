#include "sensor/enroll_command.h"

#include <cstdio>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/status_macros.h"
#include "common/config/flags.h"
#include "common/pki/enrolment_token.h"
#include "sensor/spool/file.h"
#include "sensor/uplink/enrolment.h"

namespace callbraid::sensor {
namespace {

enum ExitCode { kDone = 0, kFailed = 1, kUsage = 2 };

constexpr size_t kMaxTokenFile = 4096;

struct Arguments {
  std::string collector;
  std::string server_name;
  std::string token_file;
  std::string out;
  bool help = false;

  void AddTo(Flags& flags) {
    flags.String("collector", "HOST:PORT", "who made the token", collector);
    flags.String("token-file", "FILE",
                 "holds what `callbraid sensors enroll` printed", token_file);
    flags.String("out", "DIR",
                 "for ca.pem, sensor.pem and sensor.key; made if missing", out);
    flags.String("tls-server-name", "NAME",
                 "name in the collector's certificate, if not HOST",
                 server_name);
    flags.Switch("help,h", "this text", help);
  }
};

absl::Status Run(const Arguments& arguments, const Clock& clock) {
  for (const auto& [value, flag] :
       {std::pair(&arguments.collector, "--collector HOST:PORT"),
        std::pair(&arguments.token_file, "--token-file FILE"),
        std::pair(&arguments.out, "--out DIR")}) {
    if (value->empty()) {
      return absl::InvalidArgumentError(absl::StrCat("give ", flag));
    }
  }
  ASSIGN_OR_RETURN(const std::string text,
                   ReadFile(arguments.token_file, kMaxTokenFile));
  ASSIGN_OR_RETURN(const pki::EnrolmentToken token,
                   pki::ParseEnrolmentToken(text));
  RETURN_IF_ERROR(CheckWritable(arguments.out));
  ASSIGN_OR_RETURN(
      const Enrolled enrolled,
      Enrol(arguments.collector, arguments.server_name, token, clock));
  RETURN_IF_ERROR(WriteEnrolled(enrolled, arguments.out));
  std::fprintf(stderr,
               "sensor %s is enrolled; its certificate is good until %s, and "
               "is renewed by itself\n",
               token.sensor_id.c_str(),
               absl::FormatTime("%Y-%m-%d %H:%M UTC",
                                absl::FromUnixSeconds(enrolled.expire_s),
                                absl::UTCTimeZone())
                   .c_str());
  const std::string& out = arguments.out;
  std::printf(
      "id: %s\nuplink:\n  collector: %s\n  tls:\n    ca: %s/ca.pem\n"
      "    cert: %s/sensor.pem\n    key: %s/sensor.key\n",
      token.sensor_id.c_str(), arguments.collector.c_str(), out.c_str(),
      out.c_str(), out.c_str());
  if (!arguments.server_name.empty()) {
    std::printf("    server_name: %s\n", arguments.server_name.c_str());
  }
  return absl::OkStatus();
}

}  // namespace

int EnrollCommand(int argc, char** argv, const Clock& clock) {
  Arguments arguments;
  Flags flags(
      "Makes a key, gets a certificate for it from the collector, for a token "
      "that is\nused up by that, and prints the settings that go with it.\n\n"
      "usage: callbraid-sensor enroll --collector HOST:PORT --token-file FILE "
      "--out DIR\n\n");
  arguments.AddTo(flags);
  const auto rest = flags.Parse(argc, argv);
  absl::Status status = rest.status();
  if (status.ok() && arguments.help) {
    std::fputs(flags.Help().c_str(), stdout);
    return kDone;
  }
  if (status.ok() && !rest->empty()) {
    status = absl::InvalidArgumentError("'" + rest->front() +
                                        "' is not a flag; see --help");
  }
  if (status.ok()) status = Run(arguments, clock);
  if (status.ok()) return kDone;
  std::fprintf(stderr, "callbraid-sensor: %s\n",
               std::string(status.message()).c_str());
  return absl::IsInvalidArgument(status) ? kUsage : kFailed;
}

}  // namespace callbraid::sensor
