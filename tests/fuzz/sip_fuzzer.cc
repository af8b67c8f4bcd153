#include <cstdint>
#include <string_view>

#include "common/sip/sdp.h"
#include "common/sip/sip_message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  callbraid::LooksLikeSip(text);
  callbraid::SipMessageLength(text);
  if (const auto message = callbraid::ParseSip(text)) {
    callbraid::ParseSdp(callbraid::SdpBody(*message));
    callbraid::FindHeader(message->headers, "Session-ID");
  }
  return 0;
}
