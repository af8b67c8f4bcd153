#ifndef CALLBRAID_COLLECTOR_CORRELATE_SENSOR_CLOCKS_H_
#define CALLBRAID_COLLECTOR_CORRELATE_SENSOR_CLOCKS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "callbraid/store/v1/call_record.pb.h"
#include "collector/correlate/call_graph.h"

namespace callbraid::collector {

// The clocks of a call's sensors against that of its first observation, as
// measured by what two sensors both saw.
//
// A message or packet is seen later at the far end of its way. Where sensors
// saw traffic of both directions, the true offset lies between the two medians:
// the middle is taken, and half the distance is the uncertainty.
class SensorClocks {
 public:
  // `component` must have a member.
  explicit SensorClocks(const Component& component);

  // A raw time of `sensor` by the clock of the first observation.
  int64_t Align(const std::string& sensor, int64_t time_ns) const {
    return time_ns + OffsetOf(sensor);
  }
  int64_t OffsetOf(const std::string& sensor) const;

  // By sensor.
  std::vector<store::v1::SensorOffset> ToProto() const;

 private:
  struct Offset {
    int64_t offset_ns = 0;
    int64_t uncertainty_ns = 0;
  };
  std::map<std::string, Offset> offsets_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_SENSOR_CLOCKS_H_
