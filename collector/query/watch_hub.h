#ifndef CALLBRAID_COLLECTOR_QUERY_WATCH_HUB_H_
#define CALLBRAID_COLLECTOR_QUERY_WATCH_HUB_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/query.pb.h"
#include "collector/correlate/call_sink.h"
#include "collector/query/response_writer.h"
#include "collector/query/resume_tokens.h"
#include "collector/store/event_log.h"
#include "collector/store/scope.h"
#include "collector/store/store.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// Passes changes of calls on to everyone who watches: what changed it hears
// from who changed it and from the log of events, how it is now from the store.
//
// Each watcher has a bounded queue; one that reads too slowly is ended with
// RESOURCE_EXHAUSTED, so that it costs the others nothing. A watcher hears of
// what its scope sees, and of nothing else. Thread-safe.
class WatchHub final : public CallSink {
 public:
  using Writer = ResponseWriter<v1::WatchCallsResponse>;

  // What a watcher hears of changes.
  enum class Mode {
    kLive,
    // They wait for Drain().
    kHeld,
    // Nothing.
    kSilent,
  };

  struct Watcher {
    uint64_t id = 0;
    std::shared_ptr<Writer> writer;
    // Entry of the log up to which everything was told to those who watched
    // then: it can be read in the store.
    uint64_t told = 0;
  };

  // References must outlive the hub. A watcher may be `capacity` changes
  // behind.
  WatchHub(FactStore& facts, EventLog& log, const PageSeal& seal,
           size_t capacity = 1024)
      : facts_(facts), log_(log), tokens_(log, seal), capacity_(capacity) {}

  // `who` tells callers apart, "" if nobody knows: one has 50 watchers at most.
  // RESOURCE_EXHAUSTED (too many of this one, or of all), UNAVAILABLE (closed).
  absl::StatusOr<Watcher> Add(Mode mode, const Scope& scope,
                              const std::string& who);
  // Keeps `session` for as long as the watcher is there.
  void Attach(uint64_t id, std::shared_ptr<void> session);
  // From now on changes wait for a watcher that was silent.
  void Hold(uint64_t id);
  // What waits for a watcher that is held, in its order, for whoever holds it
  // to write. Nothing: from now on it hears by itself.
  std::vector<Writer::Message> Drain(uint64_t id);
  // Ends a watcher with `status`, unless it has ended.
  void Remove(uint64_t id, const absl::Status& status);
  // Ends all watchers with UNAVAILABLE, and refuses new ones.
  void Close();

  EventLog& log() { return log_; }
  const ResumeTokens& tokens() const { return tokens_; }

  void OnTurnBegins() override ABSL_NO_THREAD_SAFETY_ANALYSIS;
  void OnTurnEnds() override ABSL_NO_THREAD_SAFETY_ANALYSIS;
  // Between these two.
  void OnCallUpdated(const v1::Call& call) override { Note(call.id()); }
  void OnCallMerged(const std::string& id, const std::string&) override {
    Note(id);
  }

 private:
  // By what tells scopes apart.
  template <typename Value>
  using ByScope = std::map<uint64_t, Value>;
  using Messages = std::vector<Writer::Message>;

  struct Entry {
    std::shared_ptr<Writer> writer;
    Scope scope = Scope::All();
    Mode mode = Mode::kLive;
    std::string who = {};
    // While it is held: of each call the newest, in their order.
    std::map<uint64_t, Writer::Message> waiting = {};
    std::unordered_map<std::string, uint64_t> place_of = {};
    std::shared_ptr<void> session = nullptr;
  };
  // What a turn came to.
  struct Turn {
    std::vector<std::string> noted;
    // Entries of the log: behind the first one, up to the last one.
    uint64_t from = 0;
    uint64_t last = 0;
    ByScope<Scope> scopes;
  };

  absl::Status CheckRoom(const std::string& who) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Note(const std::string& id) ABSL_LOCKS_EXCLUDED(mutex_);
  Turn TakeTurn() ABSL_LOCKS_EXCLUDED(mutex_);
  absl::StatusOr<ByScope<Messages>> MessagesOf(const Turn& turn);
  void Publish(const ByScope<Messages>& messages) ABSL_LOCKS_EXCLUDED(mutex_);
  bool Take(Entry& entry, const Messages& messages)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void EndAll(const absl::Status& status) ABSL_LOCKS_EXCLUDED(mutex_);

  FactStore& facts_;
  EventLog& log_;
  const ResumeTokens tokens_;
  const size_t capacity_;

  // Held from OnTurnBegins() to OnTurnEnds(). (The analysis of locks cannot
  // follow one over two methods.)
  Mutex turn_;
  // Of the holder of the turn: the place in the log that was asked for last.
  LogPosition position_;

  mutable Mutex mutex_;
  std::unordered_map<uint64_t, Entry> watchers_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  // Orders what waits.
  uint64_t next_place_ ABSL_GUARDED_BY(mutex_) = 1;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  // Calls that changed in this turn.
  std::vector<std::string> noted_ ABSL_GUARDED_BY(mutex_);
  // Entry of the log up to which everything was told; none before the log is
  // asked for the first time.
  std::optional<uint64_t> told_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_WATCH_HUB_H_
