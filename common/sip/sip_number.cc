#include "common/sip/sip_number.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "common/sip/sip_header.h"
#include "common/sip/sip_links.h"

namespace callbraid {
namespace {

constexpr size_t kMaxBytes = 64;
constexpr size_t kKeySigns = 3;
constexpr std::array<std::string_view, 6> kHidden = {
    "anonymous", "unknown", "restricted", "unavailable", "private", "invalid"};

bool IsSign(char c) {
  return (c >= '0' && c <= '9') || c == '*' || c == '#' || c == '+';
}

}  // namespace

std::string PlainUser(std::string_view uri) {
  // Some must be escaped, such as '#', and any may be.
  const std::string user = SipUnescape(SipUriUser(uri).substr(0, 3 * kMaxBytes))
                               .substr(0, kMaxBytes);
  std::string number;
  bool dialled = true;
  for (const char c : user) {
    if (IsSign(c)) {
      number.push_back(c);
    } else if (std::string_view("-.() ").find(c) == std::string_view::npos) {
      dialled = false;
      break;
    }
  }
  if (dialled) return IsDialled(number) ? number : std::string();
  std::string name = user;
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  const bool hidden =
      std::find(kHidden.begin(), kHidden.end(), name) != kHidden.end();
  return hidden ? std::string() : name;
}

bool IsDialled(std::string_view plain) {
  if (!plain.empty() && plain.front() == '+') plain.remove_prefix(1);
  return !plain.empty() && std::all_of(plain.begin(), plain.end(), [](char c) {
    return IsSign(c) && c != '+';
  });
}

std::string NumberKey(std::string_view plain) {
  if (!IsDialled(plain)) return std::string(plain);
  if (plain.front() == '+') plain.remove_prefix(1);
  return std::string(
      plain.substr(plain.size() - std::min(plain.size(), kKeySigns)));
}

bool MatchesNumber(std::string_view pattern, std::string_view number) {
  if (!pattern.ends_with('*')) return number == pattern;
  pattern.remove_suffix(1);
  return number.starts_with(pattern);
}

}  // namespace callbraid
