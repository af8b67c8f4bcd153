#include "collector/evidence/party.h"

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "common/base/absl_string.h"

namespace callbraid::collector {

std::string NumberOf(std::string_view uri) {
  static constexpr std::array<std::string_view, 3> kSchemes = {
      "sip:", "sips:", "tel:"};
  for (const std::string_view scheme : kSchemes) {
    if (absl::StartsWithIgnoreCase(ToAbsl(uri), ToAbsl(scheme))) {
      uri.remove_prefix(scheme.size());
      break;
    }
  }
  const size_t at = uri.find('@');
  if (at != std::string_view::npos && at > 0) {
    uri = uri.substr(0, at);
    return std::string(uri.substr(0, uri.find_first_of(":;")));
  }
  if (at == 0) uri.remove_prefix(1);
  if (!uri.empty() && uri.front() == '[') {
    return std::string(uri.substr(0, uri.find(']') + 1));
  }
  return std::string(uri.substr(0, uri.find_first_of(":;?>")));
}

}  // namespace callbraid::collector
