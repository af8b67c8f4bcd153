#ifndef CALLBRAID_COLLECTOR_CLI_COMMON_FLAGS_H_
#define CALLBRAID_COLLECTOR_CLI_COMMON_FLAGS_H_

#include "collector/cli/settings.h"
#include "common/config/flags.h"

namespace callbraid::cli {

// Flags that every command has.
struct CommonFlags {
  ConnectionFlags connection;
  bool json = false;
  bool help = false;

  void AddTo(Flags& flags) {
    flags.Switch("json", "one JSON object a line, for programs", json);
    connection.AddTo(flags);
    flags.Switch("help,h", "this text", help);
  }
};

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_COMMON_FLAGS_H_
