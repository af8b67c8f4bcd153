// What somebody pasted, and the commands that are made of it, which may be
// pasted in turn.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/switches/show_output.h"
#include "common/switches/span_commands.h"

namespace {

void CheckCommands(const callbraid::ShownSession& shown) {
  callbraid::SpanSession session;
  session.session = shown.session;
  session.sources = shown.rx;
  if (!shown.destinations.empty()) {
    session.destination = shown.destinations.front().First();
  }
  for (const std::string& name : callbraid::SwitchFamilyNames()) {
    const auto family = callbraid::ParseSwitchFamily(name);
    for (const auto& commands :
         {callbraid::SpanCommands(*family, session),
          callbraid::AddSourceCommands(*family, session)}) {
      if (!commands.ok()) continue;
      for (const std::string& command : *commands) {
        // Nothing but ports may have got into it.
        if (command.find_first_of("\n\r;`$&\"'\\") != std::string::npos) {
          std::abort();
        }
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const callbraid::ShowOutput output = callbraid::ParseShowOutput(text);
  for (const callbraid::ShownSession& session : output.sessions) {
    for (const auto* ports : {&session.rx, &session.tx, &session.both}) {
      for (const std::string& name : callbraid::PortNames(*ports)) {
        // The first port of a range is one of it.
        if (!callbraid::ContainsPort(*ports, name)) std::abort();
      }
    }
    CheckCommands(session);
  }
  return 0;
}
