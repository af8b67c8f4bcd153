#ifndef CALLBRAID_COLLECTOR_CALLS_CALL_END_H_
#define CALLBRAID_COLLECTOR_CALLS_CALL_END_H_

#include <cstdint>
#include <string>
#include <vector>

#include "callbraid/v1/call.pb.h"
#include "collector/calls/call_legs.h"
#include "collector/calls/call_state.h"

namespace callbraid::collector {

// Who hung up, and why.
struct CallEnd {
  v1::Side ended_by = v1::SIDE_UNSPECIFIED;
  // Of the leg that ended first.
  uint32_t release_cause = 0;
  std::string release_reason;
};

// By the leg that ended first of those whose end was that of the call:
// forks that were refused, and legs whose place others took, end before that.
// Nobody where two sides did at once (who is in the middle hangs up both ways),
// or somebody who came in by a transfer. `turned` as of TurnedLegs(). Nothing
// of a call that goes on, and of one whose end no signalling tells.
CallEnd FindEnd(const std::vector<CallLeg>& legs,
                const std::vector<bool>& turned, const CallStanding& standing);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_CALL_END_H_
