#ifndef CALLBRAID_COMMON_BASE_LOG_H_
#define CALLBRAID_COMMON_BASE_LOG_H_

#include <string>

#include "absl/status/status.h"

// spdlog's templates hold try blocks unless told otherwise. Include it through
// this header only, so that all of the program agrees.
#ifndef SPDLOG_NO_EXCEPTIONS
#define SPDLOG_NO_EXCEPTIONS
#endif
#include "spdlog/spdlog.h"

namespace callbraid {

// Sets up spdlog's default logger: stderr, UTC times with ms, one line an
// event. `level` is "debug", "info", "warn", "error" or empty (info).
absl::Status SetUpLog(const std::string& level);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_BASE_LOG_H_
