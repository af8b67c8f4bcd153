#ifndef CALLBRAID_COMMON_SWITCHES_DIALECT_H_
#define CALLBRAID_COMMON_SWITCHES_DIALECT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "common/switches/span_commands.h"

// How one family of switches is told to mirror. Only for span_commands.cc and
// the files that define dialects.

namespace callbraid {

using Lines = std::vector<std::string>;

struct Dialect {
  v1::SwitchFamily family;
  const char* name;
  const char* title;
  // A whole session in place of what there was / only its sources, with what
  // must stand around them.
  absl::StatusOr<Lines> (*set_up)(const SpanSession& session);
  absl::StatusOr<Lines> (*add_sources)(const SpanSession& session);
  std::string (*show)(int session);
  std::string (*find_mac)(std::string_view mac);
};

// span_commands_cisco.cc
extern const Dialect kCiscoIos;
extern const Dialect kCiscoNxos;
// span_commands_aruba.cc
extern const Dialect kArubaOsSwitch;
extern const Dialect kArubaCx;
// span_commands_dell.cc
extern const Dialect kDellOs6;
extern const Dialect kDellOs10;
extern const Dialect kEdgeSwitch;
extern const Dialect kNetgear;
// span_commands_other.cc
extern const Dialect kJuniper;
extern const Dialect kMikrotik;
extern const Dialect kMikrotikCrs;
extern const Dialect kUnifi;
extern const Dialect kLinuxBridge;

// "rx", "tx"; `both` for both directions.
std::string DirectionWord(v1::SpanDirection direction, const char* rx,
                          const char* tx, const char* both);
// "0210.0000.0103" and "021000-000103".
std::string DottedMac(std::string_view mac);
std::string DashedMac(std::string_view mac);
// "fa0/6 - 10" with `hyphen` between the numbers of a range.
std::string RangeText(const PortRange& range, const char* hyphen);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SWITCHES_DIALECT_H_
