#ifndef CALLBRAID_COMMON_SWITCHES_PORT_LIST_H_
#define CALLBRAID_COMMON_SWITCHES_PORT_LIST_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace callbraid {

// Ports of a switch whose names differ in their last number alone: "fa0/6 -
// 10".
struct PortRange {
  // "fa0/"; the whole name where it does not end in a number.
  std::string prefix;
  bool numbered = false;
  // first <= last.
  uint32_t first = 0;
  uint32_t last = 0;

  // "fa0/6": the first port's name.
  std::string First() const;
  bool is_single() const { return !numbered || first == last; }
  bool operator==(const PortRange&) const = default;
};

// A name that is taken as it stands: "<port of 10.0.0.7>".
PortRange LiteralPort(std::string_view name);

// "fa0/5, fa0/6 - 10", "1/1/6-1/1/10", "ge-0/0/6", "A1-A5,B2", "ether6". At
// most 64 ranges of 512 ports each. INVALID_ARGUMENT: no ports, characters that
// are in no port's name, a range that ends before it begins.
absl::StatusOr<std::vector<PortRange>> ParsePorts(std::string_view text);

// The name of each port.
std::vector<std::string> PortNames(const std::vector<PortRange>& ranges);

// Whether `name` means one of the ports, however it is abbreviated:
// "GigabitEthernet1/0/6" is in "gi1/0/1-24".
bool ContainsPort(const std::vector<PortRange>& ranges, std::string_view name);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SWITCHES_PORT_LIST_H_
