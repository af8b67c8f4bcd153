#ifndef CALLBRAID_COLLECTOR_EVENTS_EVENT_SINK_H_
#define CALLBRAID_COLLECTOR_EVENTS_EVENT_SINK_H_

#include "absl/time/time.h"

namespace callbraid::collector {

// Takes events from its EventFeed to somewhere. Has a thread of its own.
class EventSink {
 public:
  virtual ~EventSink() = default;

  // One round: takes what there is, as far as it can. How long to wait before
  // the next one; zero if there is more to do. Never fails: what cannot be done
  // now is tried again, and counted.
  virtual absl::Duration RunOnce() = 0;

  // The collector stops: RunOnce() returns soon, now and from now on. From any
  // thread.
  virtual void Interrupt() {}
};

// How long a sink waits where it has nothing to do: what an event is late by.
inline constexpr absl::Duration kEventPoll = absl::Milliseconds(200);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_EVENT_SINK_H_
