#include "common/base/log.h"

#include "absl/strings/str_cat.h"
#include "spdlog/sinks/stdout_sinks.h"

namespace callbraid {

absl::Status SetUpLog(const std::string& level) {
  const std::string name = level.empty() ? "info" : level;
  const auto parsed = spdlog::level::from_str(name);
  if (parsed == spdlog::level::off) {
    return absl::InvalidArgumentError(absl::StrCat(
        "log level '", level, "' is not one of debug, info, warn, error"));
  }
  auto logger = spdlog::stderr_logger_mt("callbraid");
  logger->set_level(parsed);
  logger->flush_on(spdlog::level::warn);
  // UTC with ms, first letter of the level, text.
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %L %v",
                      spdlog::pattern_time_type::utc);
  spdlog::set_default_logger(std::move(logger));
  return absl::OkStatus();
}

}  // namespace callbraid
