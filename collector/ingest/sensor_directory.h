#ifndef CALLBRAID_COLLECTOR_INGEST_SENSOR_DIRECTORY_H_
#define CALLBRAID_COLLECTOR_INGEST_SENSOR_DIRECTORY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "callbraid/v1/sensor.pb.h"
#include "collector/store/scope.h"

namespace callbraid::collector {

// The sensors as they are now: what SensorService lists.
class SensorDirectory {
 public:
  virtual ~SensorDirectory() = default;
  // All of the sites of `scope` that ever connected, by id; at most 10,000.
  // Thread-safe, never touches the disk.
  virtual std::vector<v1::Sensor> ListSensors(const Scope& scope) const = 0;
  // Connections refused that claimed no id, or none that ever connected, by
  // reason.
  virtual std::map<std::string, uint64_t> RefusedStrangers() const {
    return {};
  }
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_SENSOR_DIRECTORY_H_
