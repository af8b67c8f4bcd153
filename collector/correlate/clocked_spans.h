#ifndef CALLBRAID_COLLECTOR_CORRELATE_CLOCKED_SPANS_H_
#define CALLBRAID_COLLECTOR_CORRELATE_CLOCKED_SPANS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "collector/clocks/clock_model.h"
#include "collector/evidence/evidence_policy.h"
#include "collector/evidence/node.h"

namespace callbraid::collector {

struct TimeSpan {
  int64_t from_ns = 0;
  int64_t to_ns = 0;
};

// Puts what overlaps together; in the order of time.
std::vector<TimeSpan> Merged(std::vector<TimeSpan> spans);

// By which times `span`, by the clock of the sensor of `node`, may be known.
// What another sensor saw then may be filed under another time: where that
// one's clock was, and, for sensors of whose clocks nothing is known, where
// one's own was. Errors are those of FactStore.
absl::StatusOr<std::vector<TimeSpan>> ClockedSpans(
    const Node& node, const TimeSpan& span, ClockModel& clocks,
    const EvidencePolicy& policy);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_CLOCKED_SPANS_H_
