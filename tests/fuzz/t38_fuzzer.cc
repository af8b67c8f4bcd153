#include <cstdlib>

#include "common/t38/ifp_packet.h"
#include "common/t38/udptl_packet.h"

// Whatever is accepted lies within the datagram.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto packet = callbraid::ParseUdptl({data, size});
  if (packet) {
    const auto inside = [&](std::span<const uint8_t> part) {
      return part.empty() ||
             (part.data() >= data && part.data() + part.size() <= data + size);
    };
    if (!inside(packet->primary)) std::abort();
    for (size_t i = 0; i < packet->recovery_count; ++i) {
      if (!inside(packet->recovery[i])) std::abort();
    }
    const auto primary = callbraid::ParseIfp(packet->primary);
    if (!primary || primary->size != packet->primary.size()) std::abort();
  }
  const auto ifp = callbraid::ParseIfp({data, size}, /*to_the_end=*/false);
  if (ifp && ifp->size > size) std::abort();
  return 0;
}
