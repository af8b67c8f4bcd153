#ifndef CALLBRAID_COLLECTOR_WEB_METRICS_H_
#define CALLBRAID_COLLECTOR_WEB_METRICS_H_

#include <optional>
#include <string>

#include "callbraid/v1/sensor.pb.h"
#include "collector/web/metrics_whole.h"

namespace callbraid::collector {

// What ListSensors says, `whole` for who sees everything, and what this process
// takes, in Prometheus' text format (version 0.0.4). docs/operations.md lists
// the metrics. Of sensors that were revoked there is nothing but that they are
// known and were refused, of captures that ended nothing: what they said last
// would look like something that has been going on since.
std::string MetricsText(const v1::ListSensorsResponse& response,
                        const std::optional<WholeState>& whole);

inline constexpr char kMetricsType[] = "text/plain; version=0.0.4";

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_METRICS_H_
