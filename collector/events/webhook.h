#ifndef CALLBRAID_COLLECTOR_EVENTS_WEBHOOK_H_
#define CALLBRAID_COLLECTOR_EVENTS_WEBHOOK_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "collector/events/event_feed.h"
#include "collector/events/event_sink.h"
#include "collector/events/http_poster.h"
#include "collector/events/sink_meter.h"
#include "common/base/clock.h"

namespace callbraid::collector {

// Sends events to a receiver by HTTP, signed; those of one call one after the
// other, those of several calls at once.
//
// An event is delivered when it was answered 2xx. Else it is tried again, after
// 1 s and then ever later, up to a minute; events of the same call wait behind
// it. While nothing at all is taken the receiver is down: one event at a time
// tells when it is back. An event that failed twenty times since others got
// through is given up.
//
// One thread, but for Interrupt().
class Webhook final : public EventSink {
 public:
  // `config` as from CompleteEvents(). References must outlive it.
  Webhook(const v1::WebhookConfig& config, EventFeed& feed, SinkMeter& meter,
          std::unique_ptr<HttpPoster> poster, const Clock& clock);

  absl::Duration RunOnce() override;
  void Interrupt() override {
    stopping_ = true;
    poster_->Interrupt();
  }

 private:
  // One that was taken from the feed and is not dealt with.
  struct Pending {
    FeedEvent event;
    // Until Settle().
    bool done = false;
    // Attempts that failed, and of these, those since others got through.
    int failures = 0;
    int refusals = 0;
    // Monotonic; 0: at once.
    int64_t next_try_ns = 0;
    // Events delivered when it failed first.
    uint64_t delivered_before = 0;
  };

  absl::Status Fill();
  // Those whose turn it is, and that none of the same call stands before.
  std::vector<Pending*> Choose();
  // Of those of `chosen` whose calls still are.
  absl::StatusOr<std::vector<HttpPost>> Render(std::vector<Pending*>& chosen);
  void Judge(const std::vector<Pending*>& chosen,
             const std::vector<HttpAnswer>& answers);
  void Fail(Pending& pending, const HttpAnswer& answer);
  void NoteDown(const std::string& why);
  void NoteUp();
  // Lets go of what is done, and tells the feed how far all is.
  absl::Status Settle();
  absl::Duration UntilNext() const;

  const v1::WebhookConfig config_;
  EventFeed& feed_;
  SinkMeter& meter_;
  const std::unique_ptr<HttpPoster> poster_;
  const Clock& clock_;
  std::atomic<bool> stopping_ = false;

  // Those that wait for a later try stay; what is behind them passes.
  std::deque<Pending> pending_;
  // Sequences: of the last one taken from the feed, and told to it.
  uint64_t taken_ = 0;
  uint64_t told_ = 0;
  uint64_t delivered_ = 0;
  // While the receiver is down.
  bool down_ = false;
  int down_rounds_ = 0;
  int64_t next_round_ns_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_WEBHOOK_H_
