#ifndef CALLBRAID_COLLECTOR_CALLS_STREAM_PATH_H_
#define CALLBRAID_COLLECTOR_CALLS_STREAM_PATH_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collector/calls/call_legs.h"
#include "collector/calls/call_streams.h"
#include "collector/calls/component.h"
#include "collector/calls/sensor_clocks.h"

namespace callbraid::collector {

// A place on the way of a stream where it was seen: a capture point, and the
// addresses that it had there.
struct PathPlace {
  std::string sensor;
  std::string capture_point;
  FlowKey flow;
  std::vector<const StreamSighting*> sightings;
  // By segment.
  std::map<size_t, SequenceSet> packets;
  // How long the capture point had been watching when the stream began here,
  // and went on after it ended.
  int64_t watched_before_ns = 0;
  int64_t watched_after_ns = 0;
  // Between two packets; 0 if there was only one.
  int64_t interval_ns = 0;
  uint32_t duplicates = 0;
  uint32_t reordered = 0;
  // Packets of any kind that the sensor dropped meanwhile.
  uint64_t drops = 0;
  // Of this stream, captured and not delivered.
  uint64_t discarded = 0;
};

// How long packets took between two places.
struct PathDelay {
  // Median. Of no meaning where nothing tells how the clocks differ: then
  // `clocked` is false.
  SensorClocks::Delay delay;
  bool clocked = false;
  // Above the shortest: median, and what 95 % stay below.
  int64_t variation_ns = 0;
  int64_t variation_p95_ns = 0;
  // How far the median may be off by chance.
  int64_t noise_ns = 0;
  size_t samples = 0;
};
// Nullopt if the two have no packet in common that is known by its payload.
std::optional<PathDelay> DelayBetween(const PathPlace& a, const PathPlace& b,
                                      const SensorClocks& clocks);

// The places that saw `stream`, nearest to its source first.
//
// What passes two places is seen later at the second. That is certain where one
// clock stamped both, or where the way back was seen as well, however far the
// clocks are apart: there the difference of both ways tells. Else private
// addresses are nearer to their own host than those that a translator gave, and
// a place is near the party whose signalling passes there.
std::vector<PathPlace> PathOf(const CallStream& stream,
                              const Component& component,
                              const std::vector<CallLeg>& legs,
                              const SensorClocks& clocks);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_STREAM_PATH_H_
