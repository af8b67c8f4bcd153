#ifndef CALLBRAID_COLLECTOR_CLOCKS_CLOCK_SURVEY_H_
#define CALLBRAID_COLLECTOR_CLOCKS_CLOCK_SURVEY_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/v1/sensor.pb.h"
#include "collector/clocks/clock_graph.h"
#include "collector/clocks/clock_samples.h"
#include "collector/index/candidates.h"

namespace callbraid::collector {

// How each sensor's clock compares with the others', as precisely as what they
// saw in the last hour of their time tells: for people. Evidence goes by the
// ClockModel.
//
// Sensors that saw common traffic are compared with the one among them whose id
// comes first. One thread. Errors are those of FactStore.
class ClockSurvey {
 public:
  // All must outlive it.
  ClockSurvey(ClockSamples& samples, Candidates& candidates,
              const EvidencePolicy& policy)
      : samples_(samples), candidates_(candidates), policy_(policy) {}

  // By sensor. `sensors` tell how far their captures have come.
  absl::StatusOr<std::map<std::string, v1::SensorClock>> Take(
      const std::vector<v1::Sensor>& sensors);

 private:
  // Adds fits of `sensor` and each that it has traffic in common with.
  absl::Status Compare(const std::string& sensor, int64_t time_ns,
                       ClockFits& fits, std::map<std::string, bool>& content);

  ClockSamples& samples_;
  Candidates& candidates_;
  const EvidencePolicy& policy_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CLOCKS_CLOCK_SURVEY_H_
