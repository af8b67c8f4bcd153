#ifndef CALLBRAID_COLLECTOR_CALLS_CALL_BUILDER_H_
#define CALLBRAID_COLLECTOR_CALLS_CALL_BUILDER_H_

#include <vector>

#include "callbraid/store/v1/call_record.pb.h"
#include "collector/calls/call_state.h"
#include "collector/calls/component.h"
#include "collector/calls/withheld.h"
#include "collector/evidence/evidence_policy.h"

namespace callbraid::collector {

// What is to be known of sensors that keep media (store/media_wish.h).
struct MediaKeeping {
  // There are some.
  bool any = false;
  // What this call lacks is not asked for any more.
  bool given_up = false;
};

struct BuiltCall {
  // Its revision is 0: that is a matter of what was stored before.
  store::v1::CallRecord record;
  std::vector<WatchPoint> points;
  // What to tell the sensors of its streams, unless it is settled.
  MediaWishes wishes;
};

// Writes a component up as a call. A pure function: the same observations and
// watermarks give the same bytes.
//
// Times of the call, its legs and streams are aligned to the clock of the first
// observation; times of observations are raw. `component` must hold a member
// that makes a call.
BuiltCall BuildCall(const Component& component, const Watermarks& watermarks,
                    const EvidencePolicy& policy, MediaKeeping keeping = {});

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_CALL_BUILDER_H_
