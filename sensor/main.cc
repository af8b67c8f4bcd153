#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/base/thread.h"
#include "common/config/flags.h"
#include "common/config/load_config.h"
#include "common/rpc/credentials.h"
#include "sensor/enroll_command.h"
#include "sensor/sensor.h"
#include "sensor/sensor_config.h"

namespace callbraid::sensor {
namespace {

constexpr char kUsage[] =
    "Usage: callbraid-sensor --id ID --collector HOST:PORT --spool DIR\n"
    "           (--interface IF ... | --read FILE ...) [TLS | --insecure]\n"
    "       callbraid-sensor --config FILE [flags]\n"
    "       callbraid-sensor enroll --help\n"
    "\n"
    "Captures calls from a mirror (SPAN) port, or from capture files, and\n"
    "delivers them to the collector. Flags override the configuration file.\n";

enum ExitCode { kOk = 0, kFailed = 1, kUsageError = 2 };

// What the command line says.
struct Arguments {
  std::string config_path;
  // Applied to the configuration after the file has been read.
  std::vector<std::function<void(v1::SensorConfig&)>> overrides;
  std::vector<std::string> interfaces;
  std::vector<std::string> files;
  std::vector<std::string> folders;
  bool insecure = false;
  bool check = false;
  bool version = false;
  bool help = false;
};

int Fail(ExitCode code, const absl::Status& status) {
  std::fprintf(stderr, "callbraid-sensor: %s\n",
               std::string(status.message()).c_str());
  return code;
}

// A flag that sets one string of the configuration.
void AddOverride(Flags& flags, Arguments& arguments, const char* name,
                 const char* placeholder, const char* help,
                 std::string* (*field)(v1::SensorConfig&)) {
  flags.Value(
      name, placeholder, help, [&arguments, field](const std::string& value) {
        arguments.overrides.push_back([field, value](v1::SensorConfig& config) {
          *field(config) = value;
        });
        return absl::OkStatus();
      });
}

void AddList(Flags& flags, const char* name, const char* placeholder,
             const char* help, std::vector<std::string>& target) {
  flags.Value(name, placeholder, help, [&target](const std::string& value) {
    target.push_back(value);
    return absl::OkStatus();
  });
}

void AddTlsFlags(Flags& flags, Arguments& arguments) {
  using Config = v1::SensorConfig;
  AddOverride(flags, arguments, "tls-ca", "FILE",
              "authorities the collector's certificate must come from",
              [](Config& c) {
                return c.mutable_uplink()->mutable_tls()->mutable_ca();
              });
  AddOverride(flags, arguments, "tls-cert", "FILE", "this sensor's certificate",
              [](Config& c) {
                return c.mutable_uplink()->mutable_tls()->mutable_cert();
              });
  AddOverride(flags, arguments, "tls-key", "FILE", "its private key",
              [](Config& c) {
                return c.mutable_uplink()->mutable_tls()->mutable_key();
              });
  AddOverride(flags, arguments, "tls-server-name", "NAME",
              "name in the collector's certificate, if not HOST",
              [](Config& c) {
                return c.mutable_uplink()->mutable_tls()->mutable_server_name();
              });
  flags.Switch("insecure", "plaintext, without any check", arguments.insecure);
}

Flags MakeFlags(Arguments& arguments) {
  using Config = v1::SensorConfig;
  Flags flags(kUsage);
  flags.String("config", "FILE", "settings in YAML", arguments.config_path);
  AddOverride(flags, arguments, "id", "ID", "name of this sensor",
              [](Config& c) { return c.mutable_id(); });
  AddOverride(flags, arguments, "site", "SITE",
              "whose private addresses it sees (default: default)",
              [](Config& c) { return c.mutable_site(); });
  AddList(flags, "interface", "IF", "capture from IF; may be repeated",
          arguments.interfaces);
  AddList(flags, "read", "FILE",
          "read a pcap or pcapng file instead; may be repeated",
          arguments.files);
  AddList(flags, "folder", "DIR",
          "read the capture files that are written to DIR; may be repeated",
          arguments.folders);
  AddOverride(flags, arguments, "speed", "max|real|N",
              "how fast files are read (default: max)",
              [](Config& c) { return c.mutable_capture()->mutable_speed(); });
  AddOverride(flags, arguments, "spool", "DIR",
              "keeps what the collector does not have yet; made if missing",
              [](Config& c) { return c.mutable_spool()->mutable_dir(); });
  AddOverride(
      flags, arguments, "collector", "HOST:PORT", "where frames go",
      [](Config& c) { return c.mutable_uplink()->mutable_collector(); });
  AddTlsFlags(flags, arguments);
  AddOverride(flags, arguments, "log-level", "LEVEL",
              "debug, info, warn or error (default: info)",
              [](Config& c) { return c.mutable_log()->mutable_level(); });
  flags.Switch("check", "check the settings and exit", arguments.check);
  flags.Switch("version", "print the version and exit", arguments.version);
  flags.Switch("help,h", "print this and exit", arguments.help);
  return flags;
}

absl::StatusOr<v1::SensorConfig> MakeConfig(const Arguments& arguments) {
  v1::SensorConfig config;
  if (!arguments.config_path.empty()) {
    RETURN_IF_ERROR(LoadConfig(arguments.config_path, config));
  }
  for (const auto& override : arguments.overrides) override(config);
  v1::CaptureConfig& capture = *config.mutable_capture();
  if (!arguments.interfaces.empty() || !arguments.files.empty() ||
      !arguments.folders.empty()) {
    capture.mutable_interfaces()->Assign(arguments.interfaces.begin(),
                                         arguments.interfaces.end());
    capture.mutable_files()->Assign(arguments.files.begin(),
                                    arguments.files.end());
    capture.clear_folders();
    for (const std::string& path : arguments.folders) {
      capture.add_folders()->set_path(path);
    }
  }
  if (arguments.insecure) config.mutable_uplink()->set_insecure(true);
  RETURN_IF_ERROR(Validate(config));
  SetDefaults(config);
  return config;
}

sigset_t TerminationSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

// Waits for SIGINT or SIGTERM: the first stops the sensor in good order, the
// second ends the process at once. All threads have them blocked.
class SignalThread {
 public:
  explicit SignalThread(Sensor& sensor)
      : thread_("signals", [this, &sensor] {
          const sigset_t signals = TerminationSignals();
          int signal = 0;
          sigwait(&signals, &signal);
          if (done_) return;
          sensor.Stop();
          sigwait(&signals, &signal);
          if (!done_) _exit(kFailed);
        }) {}
  ~SignalThread() {
    done_ = true;
    kill(getpid(), SIGTERM);
  }

 private:
  std::atomic<bool> done_ = false;
  Thread thread_;
};

// A batch is a megabyte, which malloc would map anew from the kernel and give
// back each time: page faults are a tenth of a packet's cost.
void KeepMemoryOfBatches() {
  constexpr int kMaxKeptBytes = 8 << 20;
  mallopt(M_MMAP_THRESHOLD, kMaxKeptBytes);
  mallopt(M_TRIM_THRESHOLD, kMaxKeptBytes);
}

int Main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "enroll") {
    return EnrollCommand(argc - 1, argv + 1, SystemClock());
  }
  Arguments arguments;
  const Flags flags = MakeFlags(arguments);
  const auto positional = flags.Parse(argc, argv);
  if (!positional.ok()) return Fail(kUsageError, positional.status());
  if (arguments.help) {
    std::fputs(flags.Help().c_str(), stdout);
    return kOk;
  }
  if (arguments.version) {
    std::puts("callbraid-sensor " CALLBRAID_VERSION);
    return kOk;
  }
  if (!positional->empty()) {
    return Fail(kUsageError,
                absl::InvalidArgumentError(absl::StrCat(
                    "'", positional->front(),
                    "' is no flag; give a capture file with --read FILE")));
  }
  const auto config = MakeConfig(arguments);
  // In a file it is no mistake on the command line.
  const ExitCode bad_config =
      arguments.check || !arguments.config_path.empty() ? kFailed : kUsageError;
  if (!config.ok()) return Fail(bad_config, config.status());
  if (arguments.check) {
    const auto credentials =
        ClientCredentials(config->uplink().tls(), config->uplink().insecure());
    if (!credentials.ok()) return Fail(kFailed, credentials.status());
    std::puts("the settings are good");
    return kOk;
  }
  if (auto status = SetUpLog(config->log().level()); !status.ok()) {
    return Fail(bad_config, status);
  }

  KeepMemoryOfBatches();
  // Before the first thread, which inherits it.
  const sigset_t signals = TerminationSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  // A full disk quota is an error of write(), not the end.
  signal(SIGXFSZ, SIG_IGN);

  const SystemClock clock;
  const auto sensor = Sensor::Create(*config, CALLBRAID_VERSION, clock);
  if (!sensor.ok()) return Fail(kFailed, sensor.status());
  absl::Status status;
  {
    const SignalThread signal_thread(**sensor);
    status = (*sensor)->Run();
  }
  return status.ok() ? kOk : Fail(kFailed, status);
}

}  // namespace
}  // namespace callbraid::sensor

int main(int argc, char** argv) { return callbraid::sensor::Main(argc, argv); }
