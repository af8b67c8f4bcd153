#ifndef CALLBRAID_COLLECTOR_CLI_SESSION_H_
#define CALLBRAID_COLLECTOR_CLI_SESSION_H_

#include <istream>
#include <ostream>

#include "absl/time/time.h"
#include "collector/cli/collector_client.h"
#include "common/base/clock.h"

namespace callbraid::cli {

// What a command works with. References must outlive it.
struct Session {
  CollectorClient& collector;
  const Clock& clock;
  absl::TimeZone zone;
  std::ostream& out;
  std::ostream& err;
  // JSON instead of text for people.
  bool json = false;
  // Progress may be shown on `err`.
  bool progress = false;
  // Where somebody answers; null: nobody does.
  std::istream* in = nullptr;

  absl::Time Now() const { return absl::FromUnixNanos(clock.WallNs()); }
};

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_SESSION_H_
