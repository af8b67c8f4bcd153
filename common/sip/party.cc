#include "common/sip/party.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/match.h"
#include "common/base/absl_string.h"
#include "common/sip/sip_links.h"

namespace callbraid {
namespace {

std::string Readable(std::string_view user) {
  std::string plain = SipUnescape(user);
  const bool is_readable = std::all_of(
      plain.begin(), plain.end(), [](char c) { return c >= ' ' && c <= '~'; });
  return is_readable ? std::move(plain) : std::string(user);
}

}  // namespace

std::string NumberOf(std::string_view uri) {
  static constexpr std::array<std::string_view, 4> kSchemes = {
      "sip:", "sips:", "tel:", "h323:"};
  for (const std::string_view scheme : kSchemes) {
    if (absl::StartsWithIgnoreCase(ToAbsl(uri), ToAbsl(scheme))) {
      uri.remove_prefix(scheme.size());
      break;
    }
  }
  const size_t at = uri.find('@');
  if (at != std::string_view::npos && at > 0) {
    uri = uri.substr(0, at);
    return Readable(uri.substr(0, uri.find_first_of(":;")));
  }
  if (at == 0) uri.remove_prefix(1);
  if (!uri.empty() && uri.front() == '[') {
    return std::string(uri.substr(0, uri.find(']') + 1));
  }
  return std::string(uri.substr(0, uri.find_first_of(":;?>")));
}

}  // namespace callbraid
