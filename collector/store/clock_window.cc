#include "collector/store/clock_window.h"

#include <algorithm>
#include <bit>
#include <string>

#include "common/bytes/byte_writer.h"
#include "xxhash.h"

namespace callbraid::collector {

int ClockLevel(const store::v1::Observation& observation) {
  std::string bytes;
  ByteWriter writer(bytes);
  if (observation.has_rtp()) {
    writer.U32(observation.rtp().ssrc());
  } else {
    writer.Bytes(observation.dialog().call_id());
  }
  return std::min(std::countr_zero(XXH3_64bits(bytes.data(), bytes.size())),
                  kClockLevels - 1);
}

Token ClockToken(const store::v1::Observation& observation) {
  return ClockToken(observation.sensor(),
                    ClockWindowOf(observation.first_time_ns()),
                    ClockLevel(observation));
}

}  // namespace callbraid::collector
