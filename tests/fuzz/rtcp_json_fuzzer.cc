#include <cstddef>
#include <cstdint>

#include "collector/events/rtcp_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  (void)callbraid::collector::RtcpToJson({data, size});
  return 0;
}
