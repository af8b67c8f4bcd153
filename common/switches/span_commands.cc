#include "common/switches/span_commands.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/absl_string.h"
#include "common/switches/dialect.h"

namespace callbraid {
namespace {

constexpr int kMaxSession = 66;

const std::array<const Dialect*, 13>& Dialects() {
  static constexpr std::array<const Dialect*, 13> kDialects = {
      &kCiscoIos, &kCiscoNxos,   &kArubaOsSwitch, &kArubaCx,  &kJuniper,
      &kMikrotik, &kMikrotikCrs, &kDellOs6,       &kDellOs10, &kEdgeSwitch,
      &kUnifi,    &kNetgear,     &kLinuxBridge};
  return kDialects;
}

const Dialect& DialectOf(v1::SwitchFamily family) {
  for (const Dialect* dialect : Dialects()) {
    if (dialect->family == family) return *dialect;
  }
  return kCiscoIos;
}

absl::Status Check(const SpanSession& session) {
  if (session.session < 1 || session.session > kMaxSession) {
    return absl::InvalidArgumentError(
        absl::StrCat("session ", session.session, " is not within 1 and 66"));
  }
  if (session.sources.empty()) {
    return absl::InvalidArgumentError("no source ports");
  }
  return absl::OkStatus();
}

// The digits of a MAC address, in small letters.
std::string HexOf(std::string_view mac) {
  std::string hex;
  for (const char c : mac) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isxdigit(byte) != 0) {
      hex.push_back(static_cast<char>(std::tolower(byte)));
    }
  }
  return hex;
}

// `hex` in groups of `size` with `between` them.
std::string Grouped(const std::string& hex, size_t size, const char* between) {
  std::string out;
  for (size_t i = 0; i < hex.size(); i += size) {
    if (i > 0) out += between;
    out += hex.substr(i, size);
  }
  return out;
}

}  // namespace

std::string DirectionWord(v1::SpanDirection direction, const char* rx,
                          const char* tx, const char* both) {
  switch (direction) {
    case v1::SPAN_DIRECTION_TX:
      return tx;
    case v1::SPAN_DIRECTION_BOTH:
      return both;
    default:
      return rx;
  }
}

std::string DottedMac(std::string_view mac) {
  return Grouped(HexOf(mac), 4, ".");
}
std::string DashedMac(std::string_view mac) {
  return Grouped(HexOf(mac), 6, "-");
}

std::string RangeText(const PortRange& range, const char* hyphen) {
  return range.is_single() ? range.First()
                           : absl::StrCat(range.First(), hyphen, range.last);
}

const std::vector<std::string>& SwitchFamilyNames() {
  static const auto* const kNames = [] {
    auto* names = new std::vector<std::string>;
    for (const Dialect* dialect : Dialects()) names->push_back(dialect->name);
    return names;
  }();
  return *kNames;
}

absl::StatusOr<v1::SwitchFamily> ParseSwitchFamily(std::string_view name) {
  for (const Dialect* dialect : Dialects()) {
    if (name == dialect->name) return dialect->family;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", ToAbsl(name), "' is no family of switches; use ",
                   absl::StrJoin(SwitchFamilyNames(), ", ")));
}

std::string SwitchFamilyTitle(v1::SwitchFamily family) {
  return DialectOf(family).title;
}

absl::StatusOr<std::vector<std::string>> SpanCommands(
    v1::SwitchFamily family, const SpanSession& session) {
  if (auto status = Check(session); !status.ok()) return status;
  const bool clash = ContainsPort(session.sources, session.destination);
  if (session.destination.empty() || clash) {
    return absl::InvalidArgumentError(
        clash ? absl::StrCat("port ", session.destination,
                             " cannot be both source and destination")
              : "no destination port");
  }
  return DialectOf(family).set_up(session);
}

absl::StatusOr<std::vector<std::string>> AddSourceCommands(
    v1::SwitchFamily family, const SpanSession& session) {
  if (auto status = Check(session); !status.ok()) return status;
  return DialectOf(family).add_sources(session);
}

std::string ShowSpanCommand(v1::SwitchFamily family, int session) {
  return DialectOf(family).show(session);
}

std::string FindMacCommand(v1::SwitchFamily family, std::string_view mac) {
  return DialectOf(family).find_mac(mac);
}

}  // namespace callbraid
