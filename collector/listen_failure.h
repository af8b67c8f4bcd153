#ifndef CALLBRAID_COLLECTOR_LISTEN_FAILURE_H_
#define CALLBRAID_COLLECTOR_LISTEN_FAILURE_H_

#include <string>

#include "absl/status/status.h"

namespace callbraid::collector {

// Why nobody can listen on `listen` ("HOST:PORT"), in words with what to do.
// gRPC only says that it failed; this tries itself.
absl::Status ExplainListenFailure(const std::string& listen);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_LISTEN_FAILURE_H_
