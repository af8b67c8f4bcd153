#ifndef CALLBRAID_COLLECTOR_EVENTS_ONE_BY_ONE_SINK_H_
#define CALLBRAID_COLLECTOR_EVENTS_ONE_BY_ONE_SINK_H_

#include <atomic>
#include <deque>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/events/event_feed.h"
#include "collector/events/event_sink.h"
#include "collector/events/sink_meter.h"

namespace callbraid::collector {

// A sink that deals with one event after the other. One that cannot be
// delivered is tried again after 1 s, then ever later, up to a minute; the
// others wait.
class OneByOneSink : public EventSink {
 public:
  // References must outlive it.
  OneByOneSink(EventFeed& feed, SinkMeter& meter)
      : feed_(feed), meter_(meter) {}

  absl::Duration RunOnce() final;
  void Interrupt() override { stopping_ = true; }

 protected:
  // NOT_FOUND, DATA_LOSS: the call is no more, or cannot be read. Any other
  // error: try again.
  virtual absl::Status Deliver(const FeedEvent& event) = 0;

  EventFeed& feed() { return feed_; }
  bool stopping() const { return stopping_; }

 private:
  // False if there is nothing to do.
  absl::StatusOr<bool> DeliverNext();

  EventFeed& feed_;
  SinkMeter& meter_;
  std::atomic<bool> stopping_ = false;
  // Taken from the feed.
  std::deque<FeedEvent> events_;
  int failures_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_ONE_BY_ONE_SINK_H_
