#include "collector/web/byte_range.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace callbraid::collector {
namespace {

constexpr char kUnit[] = "bytes=";

bool ParseNumber(const std::string& digits, uint64_t& number) {
  return !digits.empty() &&
         digits.find_first_not_of("0123456789") == std::string::npos &&
         absl::SimpleAtoi(digits, &number);
}

}  // namespace

ByteRange ByteRange::Parse(const std::string& header, uint64_t size) {
  const ByteRange whole{Kind::kWhole, 0, size};
  if (!absl::StartsWith(header, kUnit)) return whole;
  const std::string range = header.substr(sizeof(kUnit) - 1);
  const size_t dash = range.find('-');
  if (dash == std::string::npos) return whole;
  const std::string from = range.substr(0, dash);
  const std::string to = range.substr(dash + 1);
  uint64_t first = 0;
  uint64_t last = size == 0 ? 0 : size - 1;
  if (from.empty()) {
    uint64_t suffix = 0;
    if (!ParseNumber(to, suffix)) return whole;
    if (suffix == 0 || size == 0) return {Kind::kNone, 0, 0};
    first = size - std::min(suffix, size);
  } else {
    uint64_t given_last = last;
    if (!ParseNumber(from, first)) return whole;
    if (!to.empty() && (!ParseNumber(to, given_last) || given_last < first)) {
      return whole;
    }
    if (first >= size) return {Kind::kNone, 0, 0};
    last = std::min(last, given_last);
  }
  return {Kind::kPart, first, last - first + 1};
}

}  // namespace callbraid::collector
