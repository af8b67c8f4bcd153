#ifndef CALLBRAID_COLLECTOR_CLOCKS_CLOCK_SAMPLE_H_
#define CALLBRAID_COLLECTOR_CLOCKS_CLOCK_SAMPLE_H_

#include <cstdint>
#include <optional>

#include "collector/evidence/evidence.h"
#include "collector/evidence/evidence_policy.h"
#include "collector/evidence/node.h"

namespace callbraid::collector {

// What two observations of different sensors say of how their clocks differ.
struct ClockSample {
  // Between which values the clock of the second less that of the first lies.
  int64_t low_ns = 0;
  int64_t high_ns = 0;
  // The same packets or messages. Else hops of one dialog: proxies take their
  // time.
  bool content = false;
  bool operator==(const ClockSample&) const = default;
};

// Nullopt unless what they have in common cannot be had of other observations:
// so nothing here rests on time, which is what is to be found. `others`: who
// shares a token of dialog, flow or payload with either. Not the same sensor.
std::optional<ClockSample> SampleClocks(const Node& a, const Node& b,
                                        const Others& others,
                                        const EvidencePolicy& policy);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CLOCKS_CLOCK_SAMPLE_H_
