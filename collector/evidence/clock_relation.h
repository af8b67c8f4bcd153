#ifndef CALLBRAID_COLLECTOR_EVIDENCE_CLOCK_RELATION_H_
#define CALLBRAID_COLLECTOR_EVIDENCE_CLOCK_RELATION_H_

#include <cstdint>

#include "collector/evidence/evidence_policy.h"

namespace callbraid::collector {

// How the clocks of two sensors compare, as far as evidence cares. A value;
// without anything known the clocks are taken to agree within the policy's
// tolerance.
struct ClockRelation {
  bool known = false;
  // What to add to raw times of the first sensor to get to the clock of the
  // second.
  int64_t offset_ns = 0;
  // The true offset is nearer to it than this.
  int64_t tolerance_ns = 0;

  static ClockRelation Same() { return {.known = true}; }

  ClockRelation Reversed() const { return {known, -offset_ns, tolerance_ns}; }
  int64_t Tolerance(const EvidencePolicy& policy) const {
    return known ? tolerance_ns : policy.clock_tolerance_ns;
  }
  bool operator==(const ClockRelation&) const = default;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVIDENCE_CLOCK_RELATION_H_
