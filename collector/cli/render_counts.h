#ifndef CALLBRAID_COLLECTOR_CLI_RENDER_COUNTS_H_
#define CALLBRAID_COLLECTOR_CLI_RENDER_COUNTS_H_

#include <string>

#include "absl/time/time.h"
#include "callbraid/v1/counts.pb.h"

namespace callbraid::cli {

// A table, one interval (and site) a row, with a bar for how many calls; below
// it what all come to. "no calls\n" of none. `by_site`: as it was asked.
std::string RenderCounts(const v1::CountCallsResponse& found, bool by_site,
                         absl::TimeZone zone);
// One JSON object a line: of each interval (and site) with calls.
std::string CountsJson(const v1::CountCallsResponse& found, bool by_site);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_RENDER_COUNTS_H_
