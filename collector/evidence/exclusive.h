#ifndef CALLBRAID_COLLECTOR_EVIDENCE_EXCLUSIVE_H_
#define CALLBRAID_COLLECTOR_EVIDENCE_EXCLUSIVE_H_

#include <cstddef>

#include "collector/evidence/evidence.h"
#include "collector/evidence/lag.h"

// Payloads that other streams carry too (music on hold, announcements, a test
// tool that plays one file in every call) join nothing. What counts as evidence
// is what is seen in one place only, among all that is known at the time; so it
// is withdrawn when a further place turns up.

namespace callbraid::collector {

// What a pair is taken for while its payloads are counted.
struct PairClaim {
  // Times agree, so what was seen at other times does not matter; else the
  // payloads must have been seen once, ever.
  bool timed = true;
  // A relay: no third stream may leave, or arrive at, the same address.
  bool relay = false;
};

// How many of the payloads in `match`, of `a` and `b`, are theirs alone.
size_t ExclusivePayloads(const Node& a, const Node& b, const AnchorMatch& match,
                         const PairClaim& claim, const Others& others,
                         const EvidencePolicy& policy);

// Whether an observation where `b` was made is the same stream as `b` and
// closer in time to `a` than `lag_ns`: another occurrence of repeated content.
// `clock`, taken out of the lag, is from `a` to `b`.
bool HasNearerOccurrence(const Node& a, const Node& b, int64_t lag_ns,
                         const Others& others, const EvidencePolicy& policy,
                         const ClockRelation& clock = {});

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVIDENCE_EXCLUSIVE_H_
