#ifndef CALLBRAID_COLLECTOR_EVENTS_LOG_FEED_H_
#define CALLBRAID_COLLECTOR_EVENTS_LOG_FEED_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "collector/events/event_feed.h"
#include "collector/events/event_kinds.h"
#include "collector/events/sink_meter.h"
#include "collector/store/event_log.h"
#include "collector/store/store.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// The feed of one sink, out of the store's log. Its place is kept in the store
// by the sink's name, so that nothing is left out while either is away, as long
// as the log keeps it.
//
// One thread; State() from any.
class LogFeed final : public EventFeed {
 public:
  struct Options {
    // What the sink is told of; empty: everything that happens to calls.
    EventKinds kinds;
    std::vector<std::string> sites;
  };

  // References must outlive the feed.
  LogFeed(FactStore& facts, EventLog& log, SinkMeter& meter, Options options,
          const Clock& clock);

  // Finds where the sink was. One that is new begins with what happens from now
  // on.
  absl::Status FindPlace();

  absl::StatusOr<std::vector<FeedEvent>> Next(size_t limit) override;
  absl::StatusOr<v1::CallEvent> Load(const FeedEvent& event) override;
  absl::Status Done(uint64_t sequence) override;
  absl::Status Done(uint64_t sequence, const std::string& state) override;
  const std::string& state() const override { return state_; }

  SinkState State() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  bool Wants(const store::v1::CallEvent& event) const;
  bool Sees(const v1::Call& call) const;
  absl::Status SetCursor(uint64_t sequence, bool sync);
  void NoteGap(uint64_t first);

  FactStore& facts_;
  EventLog& log_;
  SinkMeter& meter_;
  const std::string name_;
  const Options options_;
  const Clock& clock_;

  // Last entry that was read, wanted or not; and the last that is dealt with in
  // the store.
  uint64_t read_ = 0;
  uint64_t stored_ = 0;
  std::string state_;

  struct Given {
    uint64_t sequence;
    int64_t time_ns;
  };
  mutable Mutex mutex_;
  // Given and not dealt with.
  std::deque<Given> given_ ABSL_GUARDED_BY(mutex_);
  uint64_t done_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_LOG_FEED_H_
