// One message of H.323, with its TPKT header or, of RAS, without: read, summed
// up, and without its keys.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/h323/h323_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  for (const bool is_datagram : {false, true}) {
    const auto message = callbraid::ParseH323(bytes, is_datagram);
    if (message) (void)callbraid::H323Summary(*message);
    std::string masked = bytes;
    callbraid::MaskH323Keys(masked, is_datagram);
    if (masked.size() != bytes.size()) std::abort();
    std::string twice = masked;
    callbraid::MaskH323Keys(twice, is_datagram);
    if (twice != masked) std::abort();
    const auto again = callbraid::ParseH323(masked, is_datagram);
    if (message.has_value() != again.has_value()) std::abort();
  }
  // Without TPKT: what the message says of itself.
  (void)callbraid::IsH225(bytes);
  (void)callbraid::IsH245CapabilitySet(bytes);
  return 0;
}
