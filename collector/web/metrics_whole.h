#ifndef CALLBRAID_COLLECTOR_WEB_METRICS_WHOLE_H_
#define CALLBRAID_COLLECTOR_WEB_METRICS_WHOLE_H_

#include <string>
#include <vector>

#include "callbraid/v1/event.pb.h"
#include "collector/events/sink_meter.h"
#include "collector/retention/retention.h"

namespace callbraid::collector {

// Of the whole collector, whatever somebody may see.
struct WholeState {
  // How those are doing that are told of events.
  std::vector<SinkState> sinks;
  // What is kept.
  RetentionState retention;
  // What is wrong with the recorder; no two of the same.
  std::vector<v1::Alert> alerts = {};
};

// Its metrics, at the end of `out`.
void AddWholeMetrics(const WholeState& whole, std::string& out);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_METRICS_WHOLE_H_
