#ifndef CALLBRAID_COMMON_CONFIG_IN_RANGE_H_
#define CALLBRAID_COMMON_CONFIG_IN_RANGE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace callbraid {

struct Range {
  uint32_t lowest;
  uint32_t highest;
};

// 0, which is "not set", becomes `fallback`. INVALID_ARGUMENT names the
// setting.
inline absl::StatusOr<uint32_t> InRange(const char* name, uint32_t value,
                                        uint32_t fallback, Range range) {
  if (value == 0) return fallback;
  if (value >= range.lowest && value <= range.highest) return value;
  return absl::InvalidArgumentError(
      absl::StrCat(name, ": ", value, " is out of range; ", range.lowest,
                   " to ", range.highest, ", default ", fallback));
}

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_CONFIG_IN_RANGE_H_
