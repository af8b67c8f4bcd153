#ifndef CALLBRAID_TESTS_FAKES_FAKE_EVENT_FEED_H_
#define CALLBRAID_TESTS_FAKES_FAKE_EVENT_FEED_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "collector/events/event_feed.h"

namespace callbraid::fakes {

// Events that a test thinks up. Restart() is what a collector's end is to a
// feed.
class FakeEventFeed final : public collector::EventFeed {
 public:
  collector::FeedEvent& Add(
      const std::string& call, const std::string& merged_into = "",
      v1::CallEventKind kind = v1::CALL_EVENT_KIND_ENDED) {
    collector::FeedEvent& event = events_.emplace_back();
    event.sequence = events_.size();
    event.kind = kind;
    event.call_id = call;
    event.merged_into = merged_into;
    event.id = call + "#" + std::to_string(event.sequence);
    return event;
  }
  v1::Call& CallOf(const std::string& call) { return calls_[call]; }
  void Forget(const std::string& call) { gone_ = call; }
  void Restart() { given_ = done_; }
  // The store was lost, and with it what the sink noted.
  void Wipe() { state_.clear(); }
  // The next calls of Done(), but for the first ones, do nothing but fail.
  void FailDone(int times, int after = 0) {
    failures_ = times;
    successes_ = after;
  }
  uint64_t done() const { return done_; }

  absl::StatusOr<std::vector<collector::FeedEvent>> Next(
      size_t limit) override {
    std::vector<collector::FeedEvent> events;
    while (events.size() < limit && given_ < events_.size()) {
      events.push_back(events_[given_++]);
    }
    return events;
  }
  absl::StatusOr<v1::CallEvent> Load(
      const collector::FeedEvent& event) override {
    if (event.call_id == gone_) return absl::NotFoundError("gone");
    v1::CallEvent full;
    full.set_id(event.id);
    full.set_kind(event.kind);
    full.set_call_id(event.call_id);
    full.set_merged_into(event.merged_into);
    *full.mutable_call() = calls_[event.call_id];
    if (full.call().id().empty()) full.mutable_call()->set_id(event.call_id);
    return full;
  }
  absl::Status Done(uint64_t sequence) override {
    return Done(sequence, state_);
  }
  absl::Status Done(uint64_t sequence, const std::string& state) override {
    if (failures_ > 0 && successes_-- <= 0) {
      --failures_;
      return absl::UnavailableError("the disk is full");
    }
    done_ = std::max(done_, sequence);
    state_ = state;
    return absl::OkStatus();
  }
  const std::string& state() const override { return state_; }

 private:
  std::vector<collector::FeedEvent> events_;
  std::map<std::string, v1::Call> calls_;
  std::string gone_;
  int failures_ = 0;
  int successes_ = 0;
  uint64_t given_ = 0;
  uint64_t done_ = 0;
  std::string state_;
};

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_FAKE_EVENT_FEED_H_
