#ifndef CALLBRAID_COLLECTOR_CALLS_STREAM_RECEPTION_H_
#define CALLBRAID_COLLECTOR_CALLS_STREAM_RECEPTION_H_

#include <cstdint>
#include <optional>

#include "collector/calls/call_streams.h"
#include "collector/calls/component.h"
#include "collector/calls/sensor_clocks.h"

namespace callbraid::collector {

// What the receiver of a stream said last, in the numbering of the stream.
struct StreamReception {
  const Node* node = nullptr;
  // Of which segment it speaks, and the highest number that had arrived.
  size_t segment = 0;
  int64_t highest = 0;
};

// The reports of the receiver that reach furthest into `stream`; nullopt if
// there are none that fit its hosts, SSRC, time and sequence numbers.
std::optional<StreamReception> ReceptionOf(const CallStream& stream,
                                           const Component& component,
                                           const SensorClocks& clocks);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_STREAM_RECEPTION_H_
