#include <algorithm>

#include "collector/evidence/evidence.h"

namespace callbraid::collector {

std::optional<Evidence> ReverseFlow(const Node& a, const Node& b,
                                    const EvidencePolicy& policy,
                                    const ClockRelation& clock) {
  if (&a == &b || a.is_dialog || b.is_dialog || a.site() != b.site() ||
      a.flow != b.flow.Reversed() || a.flow.source == a.flow.destination) {
    return std::nullopt;
  }
  const int64_t overlap = std::min(a.last_ns + clock.offset_ns, b.last_ns) -
                          std::max(a.first_ns + clock.offset_ns, b.first_ns);
  if (overlap < 0) return std::nullopt;
  if (!SameSensor(a, b)) {
    // With clocks that disagree the next call may seem to overlap: most of the
    // shorter one must.
    const int64_t shorter =
        std::min(a.last_ns - a.first_ns, b.last_ns - b.first_ns);
    if (overlap * 2 <= shorter || overlap < shorter - clock.Tolerance(policy)) {
      return std::nullopt;
    }
  }
  return Evidence{v1::EVIDENCE_KIND_REVERSE_FLOW,
                  SameSensor(a, b) ? policy.reverse_flow
                                   : policy.reverse_flow * policy.other_sensor,
                  "the same two endpoints, the other direction", true};
}

}  // namespace callbraid::collector
