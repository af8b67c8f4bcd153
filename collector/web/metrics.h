#ifndef CALLBRAID_COLLECTOR_WEB_METRICS_H_
#define CALLBRAID_COLLECTOR_WEB_METRICS_H_

#include <string>
#include <vector>

#include "callbraid/v1/sensor.pb.h"
#include "collector/events/sink_meter.h"
#include "collector/retention/retention.h"

namespace callbraid::collector {

// What ListSensors says, how those are doing that are told of events, what is
// kept, and what this process takes, in Prometheus' text format (version
// 0.0.4). docs/operations.md lists the metrics.
std::string MetricsText(const v1::ListSensorsResponse& sensors,
                        const std::vector<SinkState>& sinks,
                        const RetentionState& retention);

inline constexpr char kMetricsType[] = "text/plain; version=0.0.4";

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_METRICS_H_
