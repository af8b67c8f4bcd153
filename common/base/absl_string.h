#ifndef CALLBRAID_COMMON_BASE_ABSL_STRING_H_
#define CALLBRAID_COMMON_BASE_ABSL_STRING_H_

#include <string_view>

#include "absl/strings/string_view.h"

namespace callbraid {

// Debian's Abseil is built for C++14, where absl::string_view is a type of its
// own; elsewhere both are the same and these cost nothing.
inline absl::string_view ToAbsl(std::string_view text) {
  return {text.data(), text.size()};
}
inline std::string_view ToStd(absl::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_BASE_ABSL_STRING_H_
