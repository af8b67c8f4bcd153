// One message of SCCP: read, summed up, and without its keys.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/sccp/sccp_message.h"
#include "common/sccp/sccp_summary.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto message = callbraid::ParseSccp(bytes);
  if (message) (void)callbraid::SccpSummary(*message);
  std::string masked = bytes;
  callbraid::MaskSccpKeys(masked);
  if (masked.size() != bytes.size()) std::abort();
  const auto again = callbraid::ParseSccp(masked);
  if (message.has_value() != again.has_value()) std::abort();
  if (message && again->media != message->media) std::abort();
  return 0;
}
