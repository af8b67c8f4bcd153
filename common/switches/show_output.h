#ifndef CALLBRAID_COMMON_SWITCHES_SHOW_OUTPUT_H_
#define CALLBRAID_COMMON_SWITCHES_SHOW_OUTPUT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/switches/port_list.h"

namespace callbraid {

// One SPAN session as `show monitor session` tells it (Cisco IOS, NX-OS).
struct ShownSession {
  int session = 0;
  std::vector<PortRange> rx;
  std::vector<PortRange> tx;
  std::vector<PortRange> both;
  bool has_source_vlans = false;
  std::vector<PortRange> destinations;
  // "Native", "Replicate"; empty if not told.
  std::string encapsulation;
  // NX-OS: "up", or why it is not.
  std::string state;
};

// A line of a MAC address table.
struct ShownMac {
  // "02:10:00:00:01:03".
  std::string mac;
  // 0 if not told.
  uint32_t vlan_id = 0;
  std::string port;
};

struct ShowOutput {
  static constexpr size_t kMaxBytes = size_t{4} << 20;
  static constexpr size_t kMaxSessions = 66;
  static constexpr size_t kMaxMacs = 32'768;

  std::vector<ShownSession> sessions;
  std::vector<ShownMac> macs;
  // The switch said that there is no session.
  bool says_none = false;
};

// What a terminal showed: any mix of `show monitor session N` and `show mac
// address-table` (most vendors'), prompts and all. What makes no sense is left
// out; what goes beyond the limits above is not looked at.
ShowOutput ParseShowOutput(std::string_view text);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SWITCHES_SHOW_OUTPUT_H_
