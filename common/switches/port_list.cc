#include "common/switches/port_list.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/absl_string.h"

namespace callbraid {
namespace {

constexpr size_t kMaxRanges = 64;
constexpr size_t kMaxPortsOfRange = 512;
constexpr size_t kMaxNameBytes = 64;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsNameCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '/' ||
         c == '.' || c == '_' || c == ':' || c == '-';
}

absl::Status Wrong(std::string_view item, const char* why) {
  return absl::InvalidArgumentError(
      absl::StrCat("'", ToAbsl(item), "' is no port: ", why,
                   "; e.g. fa0/5, fa0/6-10 or ge-0/0/6"));
}

std::string WithoutSpaces(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (std::isspace(static_cast<unsigned char>(c)) == 0) out.push_back(c);
  }
  return out;
}

// Nullopt if the number at the end is longer than any port's.
std::optional<PortRange> ParseName(std::string_view name) {
  size_t digits = name.size();
  while (digits > 0 && IsDigit(name[digits - 1])) --digits;
  if (digits == name.size()) return LiteralPort(name);
  PortRange range;
  range.prefix = std::string(name.substr(0, digits));
  range.numbered = true;
  if (name.size() - digits > 6 ||
      !absl::SimpleAtoi(ToAbsl(name.substr(digits)), &range.first)) {
    return std::nullopt;
  }
  range.last = range.first;
  return range;
}

// Where a range is cut in two: at a hyphen behind a number. In "ge-0/0/6" it is
// part of the name.
size_t FindRangeHyphen(std::string_view item) {
  for (size_t i = 1; i + 1 < item.size(); ++i) {
    if (item[i] == '-' && IsDigit(item[i - 1])) return i;
  }
  return std::string_view::npos;
}

absl::StatusOr<PortRange> ParseRange(std::string_view item) {
  if (item.size() > 2 * kMaxNameBytes) return Wrong("...", "too long");
  // With a hyphen first it would be an option to some command.
  if (!std::all_of(item.begin(), item.end(), IsNameCharacter) ||
      item.front() == '-') {
    return Wrong(item, "a name has letters, digits and / . _ : -");
  }
  const size_t hyphen = FindRangeHyphen(item);
  auto range = ParseName(item.substr(0, hyphen));
  if (!range) return Wrong(item, "its number is too long");
  if (hyphen == std::string_view::npos) return *range;
  const auto end = ParseName(item.substr(hyphen + 1));
  if (!end || !end->numbered) return Wrong(item, "a range ends in a number");
  // The name may be said again, or only its number.
  if (!end->prefix.empty() && end->prefix != range->prefix) {
    return Wrong(item, "both ends of a range must be of one name");
  }
  if (end->first < range->first) {
    return Wrong(item, "the range ends before it begins");
  }
  if (end->first - range->first >= kMaxPortsOfRange) {
    return Wrong(item, "no switch has so many ports");
  }
  range->last = end->first;
  return *range;
}

// The letters that a name begins with, in small, and the rest.
struct NameParts {
  std::string letters;
  std::string_view rest;
};
NameParts Split(std::string_view name) {
  NameParts parts;
  size_t i = 0;
  for (; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    if (std::isalpha(c) == 0) break;
    parts.letters.push_back(static_cast<char>(std::tolower(c)));
  }
  parts.rest = name.substr(i);
  return parts;
}

bool IsSameName(std::string_view a, std::string_view b) {
  const NameParts x = Split(a);
  const NameParts y = Split(b);
  const size_t common = std::min(x.letters.size(), y.letters.size());
  return x.rest == y.rest &&
         x.letters.compare(0, common, y.letters, 0, common) == 0 &&
         (common > 0 || x.letters == y.letters);
}

}  // namespace

std::string PortRange::First() const {
  return numbered ? absl::StrCat(prefix, first) : prefix;
}

PortRange LiteralPort(std::string_view name) {
  PortRange range;
  range.prefix = std::string(name);
  return range;
}

absl::StatusOr<std::vector<PortRange>> ParsePorts(std::string_view text) {
  std::vector<PortRange> ranges;
  const std::string compact = WithoutSpaces(text);
  for (const absl::string_view piece : absl::StrSplit(compact, ',')) {
    const std::string_view item(piece.data(), piece.size());
    if (item.empty()) continue;
    const absl::StatusOr<PortRange> range = ParseRange(item);
    if (!range.ok()) return range.status();
    if (ranges.size() == kMaxRanges) {
      return absl::InvalidArgumentError("more than 64 ranges of ports");
    }
    ranges.push_back(*range);
  }
  if (ranges.empty()) {
    return absl::InvalidArgumentError("no ports; e.g. fa0/5,fa0/6-10");
  }
  return ranges;
}

std::vector<std::string> PortNames(const std::vector<PortRange>& ranges) {
  std::vector<std::string> names;
  for (const PortRange& range : ranges) {
    if (!range.numbered) {
      names.push_back(range.prefix);
      continue;
    }
    for (uint32_t port = range.first; port <= range.last; ++port) {
      names.push_back(absl::StrCat(range.prefix, port));
    }
  }
  return names;
}

bool ContainsPort(const std::vector<PortRange>& ranges, std::string_view name) {
  const auto port = ParseName(name);
  if (!port) return false;
  return std::any_of(
      ranges.begin(), ranges.end(), [&port](const PortRange& range) {
        return range.numbered == port->numbered && range.first <= port->first &&
               port->first <= range.last &&
               IsSameName(range.prefix, port->prefix);
      });
}

}  // namespace callbraid
