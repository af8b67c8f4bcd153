#ifndef CALLBRAID_COLLECTOR_WEB_METRICS_H_
#define CALLBRAID_COLLECTOR_WEB_METRICS_H_

#include <optional>
#include <string>
#include <vector>

#include "callbraid/v1/sensor.pb.h"
#include "collector/events/sink_meter.h"
#include "collector/retention/retention.h"

namespace callbraid::collector {

// Of the whole collector, whatever somebody may see.
struct WholeState {
  // How those are doing that are told of events.
  std::vector<SinkState> sinks;
  // What is kept.
  RetentionState retention;
};

// What ListSensors says, `whole` for who sees everything, and what this process
// takes, in Prometheus' text format (version 0.0.4). docs/operations.md lists
// the metrics.
std::string MetricsText(const v1::ListSensorsResponse& sensors,
                        const std::optional<WholeState>& whole);

inline constexpr char kMetricsType[] = "text/plain; version=0.0.4";

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_METRICS_H_
