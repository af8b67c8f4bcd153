// A datagram of MGCP: every message of it, and all that is read of each.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "common/mgcp/mgcp_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  while (!rest.empty()) {
    const size_t before = rest.size();
    const std::string_view text = callbraid::TakeMgcpMessage(rest);
    if (rest.size() >= before) std::abort();
    const bool looks = callbraid::LooksLikeMgcpCommand(text) ||
                       callbraid::LooksLikeMgcpResponse(text);
    const auto message = callbraid::ParseMgcp(text);
    if (looks && !message) std::abort();
    if (!message) continue;
    (void)callbraid::MgcpSummary(*message);
    (void)callbraid::PlainMgcpEndpoint(message->endpoint);
    for (const std::string_view name : {"O", "S", "R"}) {
      std::string_view events = callbraid::MgcpParameter(*message, name);
      while (const auto event = callbraid::TakeMgcpEvent(events)) {
        (void)callbraid::MgcpDigit(*event);
        (void)callbraid::ReadMgcpCaller(event->arguments);
      }
    }
  }
  return 0;
}
