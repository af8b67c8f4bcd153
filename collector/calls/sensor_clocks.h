#ifndef CALLBRAID_COLLECTOR_CALLS_SENSOR_CLOCKS_H_
#define CALLBRAID_COLLECTOR_CALLS_SENSOR_CLOCKS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "callbraid/store/v1/call_record.pb.h"
#include "collector/calls/component.h"
#include "collector/clocks/clock_fit.h"
#include "collector/clocks/clock_graph.h"

namespace callbraid::collector {

// The clocks of a call's sensors against that of its first observation, as
// measured by what two sensors both saw (clock_fit.h): packets and messages,
// else the hops of one dialog, of which an INVITE comes to the next one later
// and its answer earlier.
class SensorClocks {
 public:
  // `component` must have a member.
  explicit SensorClocks(const Component& component);

  // A raw time of `sensor` by the clock of the first observation.
  int64_t Align(const std::string& sensor, int64_t time_ns) const;

  // How long something took from one sensor to another that saw it `lag_ns`
  // later, by their raw times. Nullopt if nothing tells how their clocks
  // differ.
  struct Delay {
    int64_t delay_ns = 0;
    int64_t uncertainty_ns = 0;
    // Also the way back was seen. Else the delay is no more than a guess.
    bool both_ways = false;
  };
  std::optional<Delay> DelayOf(const std::string& from, int64_t time_ns,
                               const std::string& to, int64_t lag_ns) const;

  // By sensor and from_ns.
  std::vector<store::v1::SensorOffset> ToProto() const;

 private:
  void Measure(const Component& component);

  // For each two sensors that can be compared, both ways round.
  ClockFits fits_;
  // To the clock of the first observation.
  std::map<std::string, ClockFit> clocks_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_SENSOR_CLOCKS_H_
