// The `callbraid` command: a client of the collector's API.
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "collector/cli/cli.h"
#include "common/base/clock.h"

int main(int argc, char** argv) {
  // gRPC's own log lines would stand between ours; we explain its failures.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  const callbraid::SystemClock clock;
  const callbraid::cli::World world = {
      [](const char* name) { return std::getenv(name); },
      clock,
      absl::LocalTimeZone(),
      std::cout,
      std::cerr,
      isatty(STDERR_FILENO) != 0,
      &std::cin,
  };
  return callbraid::cli::RunCli(std::vector<std::string>(argv + 1, argv + argc),
                                world);
}
