#ifndef CALLBRAID_COLLECTOR_CLI_SETTINGS_H_
#define CALLBRAID_COLLECTOR_CLI_SETTINGS_H_

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "common/config/flags.h"

namespace callbraid::cli {

// Value of an environment variable; null if it is not set.
using Environment = std::function<const char*(const char*)>;

// How to reach the collector, as flags say it.
struct ConnectionFlags {
  std::string collector;
  bool insecure = false;
  std::string ca;
  std::string cert;
  std::string key;
  std::string server_name;
  std::string token_file;
  std::string config;

  void AddTo(Flags& flags);
};

// What holds after flags, environment (CALLBRAID_...) and the file (--config,
// else ~/.config/callbraid/client.yaml if there is one) were asked, in this
// order. INVALID_ARGUMENT: the file or a variable is wrong.
absl::StatusOr<v1::ClientConfig> Settings(const ConnectionFlags& flags,
                                          const Environment& environment);

// The API token to send, "" for none: of the file that a flag names, else
// CALLBRAID_TOKEN, else of the file that the environment or the settings name.
// Never of a flag: other users of the machine see those. INVALID_ARGUMENT: the
// file cannot be read, or holds no token.
absl::StatusOr<std::string> ReadToken(const ConnectionFlags& flags,
                                      const Environment& environment,
                                      const v1::ClientConfig& settings);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_SETTINGS_H_
