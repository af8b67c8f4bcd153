#ifndef CALLBRAID_COLLECTOR_CALLS_CALL_TRANSFERS_H_
#define CALLBRAID_COLLECTOR_CALLS_CALL_TRANSFERS_H_

#include <vector>

#include "collector/calls/call_legs.h"
#include "collector/calls/call_streams.h"
#include "collector/calls/component.h"

// Legs that take the place of others: transfer, pickup, redirection.

namespace callbraid::collector {

// Sets CallLeg::continues.
void LinkLegs(const Component& component, std::vector<CallLeg>& legs);

// Of each leg, whether it lies the other way round than the first one: its
// initiator speaks on the side of the callee. When the caller transfers the
// callee to a third party, that one takes the caller's side, whoever called
// whom. `streams` know their legs.
std::vector<bool> TurnedLegs(const Component& component,
                             const std::vector<CallLeg>& legs,
                             const std::vector<CallStream>& streams);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_CALL_TRANSFERS_H_
