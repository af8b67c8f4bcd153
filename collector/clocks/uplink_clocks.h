#ifndef CALLBRAID_COLLECTOR_CLOCKS_UPLINK_CLOCKS_H_
#define CALLBRAID_COLLECTOR_CLOCKS_UPLINK_CLOCKS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "callbraid/v1/sensor.pb.h"
#include "collector/evidence/clock_relation.h"

namespace callbraid::collector {

// How sensors' clocks compare by their round trips with the collector: what
// v1::Sensor.clock_epochs says. A value.
class UplinkClocks {
 public:
  UplinkClocks() = default;
  explicit UplinkClocks(const std::vector<v1::Sensor>& sensors);

  // A raw time of `from` against the clock of `to`.
  ClockRelation Relate(const std::string& from, int64_t time_ns,
                       const std::string& to) const;

  std::vector<std::string> Sensors() const;
  // Sensors whose last epoch began within two hours of when they were last
  // heard, and from which raw time of theirs on it holds.
  std::map<std::string, int64_t> Recent() const;

  // From which raw time of a sensor on `other` says something else of it; by
  // sensor, those that differ.
  std::map<std::string, int64_t> DifferencesFrom(
      const UplinkClocks& other) const;
  // Says the same of all clocks.
  bool operator==(const UplinkClocks& other) const {
    return epochs_ == other.epochs_;
  }

 private:
  struct Epoch {
    int64_t from_ns = 0;
    int64_t ahead_ns = 0;
    int64_t tolerance_ns = 0;
    bool operator==(const Epoch&) const = default;
  };

  // Null if nothing is known then.
  const Epoch* EpochAt(const std::string& sensor, int64_t time_ns) const;

  std::map<std::string, std::vector<Epoch>> epochs_;
  // By the collector's clock.
  std::map<std::string, int64_t> heard_ns_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CLOCKS_UPLINK_CLOCKS_H_
