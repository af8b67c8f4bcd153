#ifndef CALLBRAID_COLLECTOR_CORRELATE_CALL_SINK_H_
#define CALLBRAID_COLLECTOR_CORRELATE_CALL_SINK_H_

#include <string>

#include "callbraid/v1/call.pb.h"

namespace callbraid::collector {

// Hears of every change of a call, after it was stored. Called from the
// correlator's thread; must return at once. Implemented by the query side.
class CallSink {
 public:
  virtual ~CallSink() = default;
  virtual void OnCallUpdated(const v1::Call& call) = 0;
  // `id` is now found under call `into`.
  virtual void OnCallMerged(const std::string& id, const std::string& into) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_CALL_SINK_H_
