// The collector program: flags, configuration, signals; the only exit.
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "callbraid/v1/config.pb.h"
#include "collector/access/enrolment.h"
#include "collector/codecs/codec_plugins.h"
#include "collector/codecs/decoders_apart.h"
#include "collector/collector.h"
#include "collector/collector_config.h"
#include "collector/create_token.h"
#include "collector/events/events_config.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/config/flags.h"
#include "common/config/load_config.h"
#include "common/rpc/credentials.h"
#include "grpc/support/log.h"

namespace callbraid::collector {
namespace {

constexpr char kDefaultCodecPlugins[] = "/usr/lib/callbraid/codecs";

enum ExitCode { kStopped = 0, kFailed = 1, kUsage = 2 };

struct CommandLine {
  v1::CollectorConfig given;
  std::string config;
  bool insecure = false;
  bool check = false;
  bool version = false;
  bool help = false;

  void AddTo(Flags& flags) {
    flags.String("data", "DIR", "the store; created if there is none",
                 *given.mutable_data());
    flags.String("listen", "HOST:PORT", "for sensors and queries; port 0: any",
                 *given.mutable_listen());
    flags.String("tls-ca", "FILE",
                 "authorities of sensors' and users' "
                 "certificates",
                 *given.mutable_tls()->mutable_ca());
    flags.String("tls-cert", "FILE", "the collector's certificate",
                 *given.mutable_tls()->mutable_cert());
    flags.String("tls-key", "FILE", "its private key",
                 *given.mutable_tls()->mutable_key());
    flags.Value(
        "admin", "NAME", "the certificate of this name may do everything",
        [this](const std::string& name) {
          v1::AccessClient& client = *given.mutable_access()->add_clients();
          client.set_name(name);
          client.set_role("admin");
          return absl::OkStatus();
        });
    flags.String("codec-plugins", "DIR", "decoders that are no part of this",
                 *given.mutable_codec_plugins());
    flags.String("web-listen", "HOST:PORT",
                 "for browsers: the UI, and the API as JSON",
                 *given.mutable_web()->mutable_listen());
    flags.String("ui", "DIR", "files of the UI",
                 *given.mutable_web()->mutable_ui());
    flags.Switch("insecure", "plaintext, open to anyone who can connect",
                 insecure);
    flags.String("log-level", "LEVEL", "debug, info, warn, error",
                 *given.mutable_log()->mutable_level());
    flags.String("config", "FILE", "settings in YAML; flags override them",
                 config);
    flags.Switch("check", "check settings and certificates, then exit", check);
    flags.Switch("version", "version of this program", version);
    flags.Switch("help,h", "this text", help);
  }

  // The configuration of the file, overridden by what was given.
  absl::StatusOr<v1::CollectorConfig> Merge() const {
    v1::CollectorConfig merged;
    if (!config.empty()) RETURN_IF_ERROR(LoadConfig(config, merged));
    const bool tls = !given.tls().ca().empty() || !given.tls().cert().empty() ||
                     !given.tls().key().empty();
    if (insecure) merged.clear_tls();
    if (insecure || tls) merged.set_insecure(insecure);
    // Merging leaves alone what was not given.
    merged.MergeFrom(given);
    return Complete(std::move(merged));
  }
};

int Fail(const absl::Status& status, int exit_code) {
  std::fprintf(stderr, "callbraid-collector: %s\n",
               std::string(status.message()).c_str());
  return exit_code;
}

// Settings that are missing or contradict each other are wrong usage.
int FailToStart(const absl::Status& status) {
  return Fail(status, absl::IsInvalidArgument(status) ? kUsage : kFailed);
}

// gRPC writes to stderr by itself, a line for every failed handshake.
void LogOfGrpc(gpr_log_func_args* event) {
  spdlog::debug("grpc: {}", event->message);
}

// Sensors, browsers and the store's files want descriptors; what a shell gives
// by default is little, and what it allows is enough.
void RaiseFileLimit() {
  rlimit files = {};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

// A folder that was named must be there.
absl::Status LoadPlugins(const std::string& named) {
  const auto loaded =
      LoadCodecPlugins(named.empty() ? kDefaultCodecPlugins : named);
  if (absl::IsNotFound(loaded.status()) && named.empty()) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(loaded.status());
  for (const std::string& path : *loaded) spdlog::info("codecs of {}", path);
  return absl::OkStatus();
}

int Serve(const v1::CollectorConfig& config) {
  RaiseFileLimit();
  // Before there are threads: all of them must leave these to sigwait().
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGINT);
  sigaddset(&stop_signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  absl::Status decoders = LoadPlugins(config.codec_plugins());
  if (decoders.ok()) decoders = DecodeApart();
  if (!decoders.ok()) return FailToStart(decoders);

  const SystemClock clock;
  const auto collector = Collector::Start(config, clock);
  if (!collector.ok()) return FailToStart(collector.status());
  std::printf("callbraid-collector " CALLBRAID_VERSION " listening on %s\n",
              (*collector)->address().c_str());
  if (!(*collector)->web_url().empty()) {
    std::printf("web on %s\n", (*collector)->web_url().c_str());
  }
  std::fflush(stdout);
  if (config.insecure()) {
    spdlog::warn(
        "plaintext: anyone who can connect may send and read calls; only "
        "tokens "
        "that are sent are checked");
  }
  int signal = 0;
  sigwait(&stop_signals, &signal);
  spdlog::info("signal {}: stopping", signal);
  (*collector)->Stop();
  return kStopped;
}

int Main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "create-token") {
    return CreateToken(argc - 1, argv + 1, SystemClock());
  }
  CommandLine command_line;
  Flags flags(
      "Gathers what sensors see into calls, and answers queries.\n\n"
      "usage: callbraid-collector --data DIR --listen HOST:PORT "
      "(--tls-ca FILE\n         --tls-cert FILE --tls-key FILE | --insecure) "
      "[--config FILE]\n"
      "       callbraid-collector create-token --help\n\n"
      "Exit codes: 0 stopped by a signal, 1 failed, 2 wrong usage.\n\n");
  command_line.AddTo(flags);
  const auto arguments = flags.Parse(argc, argv);
  if (!arguments.ok()) return Fail(arguments.status(), kUsage);
  if (command_line.help) {
    std::fputs(flags.Help().c_str(), stdout);
    return kStopped;
  }
  if (command_line.version) {
    std::puts("callbraid-collector " CALLBRAID_VERSION);
    return kStopped;
  }
  if (!arguments->empty()) {
    return Fail(absl::InvalidArgumentError("'" + arguments->front() +
                                           "' is not a flag; see --help"),
                kUsage);
  }
  const auto config = command_line.Merge();
  if (!config.ok()) return Fail(config.status(), kUsage);
  if (absl::Status log = SetUpLog(config->log().level()); !log.ok()) {
    return Fail(log, kUsage);
  }
  gpr_set_log_function(LogOfGrpc);
  if (!command_line.check) return Serve(*config);

  const absl::Status credentials =
      ServerCredentials(config->tls(), config->insecure()).status();
  if (!credentials.ok()) return FailToStart(credentials);
  if (absl::Status files = Enrolment::CheckFiles(*config); !files.ok()) {
    return FailToStart(files);
  }
  if (absl::Status files = CheckEventFiles(config->events()); !files.ok()) {
    return FailToStart(files);
  }
  std::puts("the configuration is sound");
  return kStopped;
}

}  // namespace
}  // namespace callbraid::collector

int main(int argc, char** argv) {
  return callbraid::collector::Main(argc, argv);
}
