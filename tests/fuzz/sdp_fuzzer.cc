#include <cstdint>
#include <string_view>

#include "common/sip/sdp.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  callbraid::ParseSdp({reinterpret_cast<const char*>(data), size});
  return 0;
}
