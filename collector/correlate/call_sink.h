#ifndef CALLBRAID_COLLECTOR_CORRELATE_CALL_SINK_H_
#define CALLBRAID_COLLECTOR_CORRELATE_CALL_SINK_H_

#include <string>

#include "callbraid/v1/call.pb.h"

namespace callbraid::collector {

// Hears of every change of a call, after it was stored; between the two others
// that change calls wait (CallTurn), so that all hear of everything in the
// order in which it was stored. Called from the correlator's thread, and from
// those of requests that change calls; must return at once. Implemented by the
// query side.
class CallSink {
 public:
  virtual ~CallSink() = default;
  // Calls are about to be changed, and: that is done, and was told, or failed.
  virtual void OnTurnBegins() {}
  virtual void OnTurnEnds() {}
  virtual void OnCallUpdated(const v1::Call& call) = 0;
  // `id` is now found under call `into`.
  virtual void OnCallMerged(const std::string& id, const std::string& into) = 0;
};

// Held by whoever changes stored calls, from before the change until the sink
// was told of it: one at a time.
class CallTurn {
 public:
  explicit CallTurn(CallSink& sink) : sink_(sink) { sink_.OnTurnBegins(); }
  ~CallTurn() { sink_.OnTurnEnds(); }
  CallTurn(const CallTurn&) = delete;
  CallTurn& operator=(const CallTurn&) = delete;

 private:
  CallSink& sink_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_CALL_SINK_H_
