#ifndef CALLBRAID_COLLECTOR_EVENTS_EVENT_SINKS_H_
#define CALLBRAID_COLLECTOR_EVENTS_EVENT_SINKS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "callbraid/v1/config.pb.h"
#include "collector/events/event_sink.h"
#include "collector/events/log_feed.h"
#include "collector/events/sink_meter.h"
#include "collector/store/event_log.h"
#include "collector/store/store.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/thread.h"

namespace callbraid::collector {

// All sinks that are configured. Each has a thread, "event-N", so that one that
// waits holds up no other; "events" cuts the log, which is there without any
// sink, too: watches are resumed by it.
class EventSinks {
 public:
  // `config` as from CompleteEvents(). References must outlive it.
  EventSinks(const v1::EventsConfig& config, Store& store, EventLog& log,
             const Clock& clock);
  // As Stop().
  ~EventSinks();

  // Before anything changes calls. Errors of the store.
  absl::Status Start();
  // Waits for what is under way, some hundred ms; for a HEP or syslog server
  // whose name is being resolved, as long as the resolver takes (resolv.conf:
  // usually 10 s for each name server that is silent). Once.
  void Stop() ABSL_LOCKS_EXCLUDED(mutex_);

  // From any thread.
  std::vector<SinkState> States() const;

 private:
  struct Runner {
    SinkMeter meter;
    LogFeed feed;
    std::unique_ptr<EventSink> sink;
    Thread thread;

    Runner(std::string name, const char* type, FactStore& facts, EventLog& log,
           LogFeed::Options options, const Clock& clock)
        : meter(std::move(name), type),
          feed(facts, log, meter, std::move(options), clock) {}
  };

  // `Config` is one of the sinks' messages.
  template <typename Config>
  Runner& Add(const Config& config, const char* type, EventKinds kinds);

  void Run(EventSink& sink);
  void Keep();
  absl::Status Cut();
  // False when it is time to stop.
  bool Wait(absl::Duration time) ABSL_LOCKS_EXCLUDED(mutex_);

  const v1::EventsConfig config_;
  Store& store_;
  EventLog& log_;
  const Clock& clock_;
  std::vector<std::unique_ptr<Runner>> runners_;
  Thread keeper_;

  Mutex mutex_;
  CondVar stop_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_EVENT_SINKS_H_
