#include "collector/correlate/clocked_spans.h"

#include <algorithm>
#include <utility>

#include "common/base/status_macros.h"

namespace callbraid::collector {

std::vector<TimeSpan> Merged(std::vector<TimeSpan> spans) {
  std::sort(
      spans.begin(), spans.end(), [](const TimeSpan& a, const TimeSpan& b) {
        return std::pair(a.from_ns, a.to_ns) < std::pair(b.from_ns, b.to_ns);
      });
  std::vector<TimeSpan> merged;
  for (const TimeSpan& span : spans) {
    if (!merged.empty() && span.from_ns <= merged.back().to_ns) {
      merged.back().to_ns = std::max(merged.back().to_ns, span.to_ns);
    } else {
      merged.push_back(span);
    }
  }
  return merged;
}

absl::StatusOr<std::vector<TimeSpan>> ClockedSpans(
    const Node& node, const TimeSpan& span, ClockModel& clocks,
    const EvidencePolicy& policy) {
  std::vector<TimeSpan> spans = {{span.from_ns - policy.clock_tolerance_ns,
                                  span.to_ns + policy.clock_tolerance_ns}};
  ASSIGN_OR_RETURN(const ClockModel::Partners* const partners,
                   clocks.PartnersAt(node.sensor(), node.first_ns));
  for (const auto& [sensor, clock] : *partners) {
    spans.push_back({span.from_ns + clock.offset_ns - clock.tolerance_ns,
                     span.to_ns + clock.offset_ns + clock.tolerance_ns});
  }
  return Merged(std::move(spans));
}

}  // namespace callbraid::collector
