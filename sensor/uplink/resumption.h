#ifndef CALLBRAID_SENSOR_UPLINK_RESUMPTION_H_
#define CALLBRAID_SENSOR_UPLINK_RESUMPTION_H_

#include <algorithm>
#include <cstdint>

#include "callbraid/v1/uplink.pb.h"

namespace callbraid::sensor {

// Where to go on with a spool after the collector's welcome (docs/protocol.md).
struct Resumption {
  // The collector knows other frames under numbers that ours have, too: the
  // spool must be renewed before anything is sent.
  bool renew = false;
  // Else the first frame to send.
  uint64_t next = 1;
};

// `ours_end`: one above the frames that can be known to the collector as what
// they are here: what the spool held when it was opened, and what was sent.
inline Resumption ResumeAfter(const v1::Watermark& watermark,
                              uint64_t ours_end) {
  const uint64_t has = std::max(watermark.received(), watermark.stored());
  if (has >= ours_end) return {.renew = true};
  return {.next = has + 1};
}

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_UPLINK_RESUMPTION_H_
