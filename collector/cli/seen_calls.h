#ifndef CALLBRAID_COLLECTOR_CLI_SEEN_CALLS_H_
#define CALLBRAID_COLLECTOR_CLI_SEEN_CALLS_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "collector/completeness/seen_call.h"
#include "collector/cli/session.h"

namespace callbraid::cli {

using collector::SeenCall;

// All calls that start in [from, before), newest first, asked for page by page.
absl::StatusOr<std::vector<SeenCall>> SeenCalls(Session& session,
                                                absl::Time from,
                                                absl::Time before);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_SEEN_CALLS_H_
