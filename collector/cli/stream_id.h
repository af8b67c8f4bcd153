#ifndef CALLBRAID_COLLECTOR_CLI_STREAM_ID_H_
#define CALLBRAID_COLLECTOR_CLI_STREAM_ID_H_

#include <string>

#include "absl/status/statusor.h"
#include "collector/cli/collector_client.h"

namespace callbraid::cli {

// The id of the call's stream that begins with `beginning`. NOT_FOUND,
// INVALID_ARGUMENT (several do), and those of GetCall.
absl::StatusOr<std::string> WholeStreamId(CollectorClient& collector,
                                          const std::string& call_id,
                                          const std::string& beginning);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_STREAM_ID_H_
