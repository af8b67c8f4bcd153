#ifndef CALLBRAID_COLLECTOR_CLI_CLI_H_
#define CALLBRAID_COLLECTOR_CLI_CLI_H_

#include <istream>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "collector/cli/settings.h"
#include "common/base/clock.h"

namespace callbraid::cli {

enum ExitCode {
  kDone = 0,
  kFailed = 1,
  kUsage = 2,
  kNotFound = 3,
  kUnreachable = 4,
  kRefused = 5,
};

// Everything the program has from the outside.
struct World {
  Environment environment;
  const Clock& clock;
  absl::TimeZone zone;
  std::ostream& out;
  std::ostream& err;
  // Whether `err` is a terminal.
  bool terminal = false;
  // Where somebody answers; null: nobody does.
  std::istream* in = nullptr;
};

// The `callbraid` command; `arguments` without the program's name. Returns the
// exit code.
int RunCli(const std::vector<std::string>& arguments, const World& world);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_CLI_H_
