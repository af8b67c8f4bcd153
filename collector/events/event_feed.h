#ifndef CALLBRAID_COLLECTOR_EVENTS_EVENT_FEED_H_
#define CALLBRAID_COLLECTOR_EVENTS_EVENT_FEED_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/event.pb.h"

namespace callbraid::collector {

// What happened to a call; EventFeed::Load() has the call. Or an alert.
struct FeedEvent {
  uint64_t sequence = 0;
  int64_t time_ns = 0;
  v1::CallEventKind kind = v1::CALL_EVENT_KIND_UNSPECIFIED;
  // As CallEvent.id; 32 hexadecimal digits; the same, or "".
  std::string id;
  std::string call_id;
  std::string merged_into;
  // MERGED, REMOVED: it had been told to be settled.
  bool was_settled = false;
  // ALERT_BEGAN, ALERT_ENDED.
  v1::Alert alert = {};
};

// What happens to calls, for one sink, from where it was: all that a sink knows
// of where events and calls are kept. One thread; methods may touch the disk.
//
// Errors of every method are for a while; try again.
class EventFeed {
 public:
  virtual ~EventFeed() = default;

  // At most `limit` events behind those that were given before, in their order;
  // empty if there are none yet. Those that the sink is not to be told of are
  // left out.
  virtual absl::StatusOr<std::vector<FeedEvent>> Next(size_t limit) = 0;

  // `event` with its call as it is now. NOT_FOUND: the call is no more, is
  // damaged, or is none of the sink's sites any more.
  virtual absl::StatusOr<v1::CallEvent> Load(const FeedEvent& event) = 0;

  // All events up to `sequence` are dealt with: after a restart the feed goes
  // on behind them.
  virtual absl::Status Done(uint64_t sequence) = 0;
  // The same, and what the sink needs to go on from there: both are on disk
  // when this returns OK, or neither. Never goes back: with 0 it is about
  // `state` alone.
  virtual absl::Status Done(uint64_t sequence, const std::string& state) = 0;
  // As last given to Done(); "" if it never was.
  virtual const std::string& state() const = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_EVENT_FEED_H_
