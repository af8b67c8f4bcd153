#ifndef CALLBRAID_COLLECTOR_COLLECTOR_CONFIG_H_
#define CALLBRAID_COLLECTOR_COLLECTOR_CONFIG_H_

#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"

namespace callbraid::collector {

// `config` with the defaults of its comments filled in. INVALID_ARGUMENT names
// the setting that is missing or out of range, and what to do. TLS files are
// looked at when the server starts, not here.
absl::StatusOr<v1::CollectorConfig> Complete(v1::CollectorConfig config);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COLLECTOR_CONFIG_H_
