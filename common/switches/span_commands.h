#ifndef CALLBRAID_COMMON_SWITCHES_SPAN_COMMANDS_H_
#define CALLBRAID_COMMON_SWITCHES_SPAN_COMMANDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/v1/diagnosis.pb.h"
#include "common/switches/port_list.h"

// The commands that set up a mirror (SPAN session), by family of switches. From
// the vendors' public manuals; docs/span-setup.md names what is particular.

namespace callbraid {

// A mirror: what enters or leaves the source ports is copied to `destination`.
struct SpanSession {
  int session = 1;
  std::vector<PortRange> sources;
  std::string destination;
  v1::SpanDirection direction = v1::SPAN_DIRECTION_RX;
};

// "cisco-ios", "aruba-cx"...: what people type. The first family is the
// default.
const std::vector<std::string>& SwitchFamilyNames();
// INVALID_ARGUMENT lists the names.
absl::StatusOr<v1::SwitchFamily> ParseSwitchFamily(std::string_view name);
// "Cisco IOS, IOS XE (Catalyst)". The default family's for an unknown one.
std::string SwitchFamilyTitle(v1::SwitchFamily family);

// Replaces what session `session.session` was; a line for each command, and
// lines that are comments in that family's language. INVALID_ARGUMENT if the
// family cannot do it (a switch chip that mirrors one port only); the message
// says what it can.
absl::StatusOr<std::vector<std::string>> SpanCommands(
    v1::SwitchFamily family, const SpanSession& session);

// Adds the sources of `session` to what it has already.
absl::StatusOr<std::vector<std::string>> AddSourceCommands(
    v1::SwitchFamily family, const SpanSession& session);

// Shows what the session is.
std::string ShowSpanCommand(v1::SwitchFamily family, int session);

// Shows on which port a host is. `mac`: "02:10:00:00:01:03".
std::string FindMacCommand(v1::SwitchFamily family, std::string_view mac);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SWITCHES_SPAN_COMMANDS_H_
