#ifndef CALLBRAID_COLLECTOR_QUERY_WATCH_HUB_H_
#define CALLBRAID_COLLECTOR_QUERY_WATCH_HUB_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/query.pb.h"
#include "collector/correlate/call_sink.h"
#include "collector/query/response_writer.h"
#include "collector/store/scope.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// Passes changes of calls on to everyone who watches.
//
// Each watcher has a bounded queue; one that reads too slowly is ended with
// RESOURCE_EXHAUSTED, so that it costs the others nothing. A watcher hears of
// what its scope sees, and of nothing else. Thread-safe.
class WatchHub final : public CallSink {
 public:
  using Writer = ResponseWriter<v1::WatchCallsResponse>;
  // Revision of each call that a watcher has been told of, by id.
  using Revisions = std::unordered_map<std::string, uint64_t>;

  struct Watcher {
    uint64_t id = 0;
    std::shared_ptr<Writer> writer;
  };

  // A watcher may be this many changes behind.
  explicit WatchHub(size_t capacity = 1024) : capacity_(capacity) {}

  // Starts to queue changes of `scope` for a new watcher. With `held` they wait
  // until Release(). RESOURCE_EXHAUSTED (too many watchers), UNAVAILABLE
  // (closed).
  absl::StatusOr<Watcher> Add(bool held, const Scope& scope);
  // Keeps `session` for as long as the watcher is there.
  void Attach(uint64_t id, std::shared_ptr<void> session);
  // Lets the changes through that came while the watcher was held, but for
  // those not newer than what `told` says the watcher knows.
  void Release(uint64_t id, const Revisions& told);
  // Ends a watcher with `status`, unless it has ended.
  void Remove(uint64_t id, const absl::Status& status);
  // Ends all watchers with UNAVAILABLE, and refuses new ones.
  void Close();

  void OnCallUpdated(const v1::Call& call) override;
  void OnCallMerged(const std::string& id, const std::string& into) override;
  // It was deleted.
  void OnCallRemoved(const std::string& id);

 private:
  // Ids that a watcher was told of: the newest 2,000.
  class Told {
   public:
    void Add(const std::string& id);
    bool Has(const std::string& id) const { return ids_.count(id) > 0; }
    void Remove(const std::string& id);

   private:
    std::unordered_set<std::string> ids_;
    // In the order in which they came.
    std::deque<std::string> order_;
  };

  struct Entry {
    std::shared_ptr<Writer> writer;
    Scope scope = Scope::All();
    bool held = false;
    std::vector<Writer::Message> waiting = {};
    // Of one that does not see everything.
    Told told = {};
    std::shared_ptr<void> session = nullptr;
  };

  // `change` as the watcher may hear it; null if it may not.
  static Writer::Message ForWatcher(Entry& entry,
                                    const Writer::Message& change);

  bool Idle() const ABSL_LOCKS_EXCLUDED(mutex_);
  void Publish(const Writer::Message& change) ABSL_LOCKS_EXCLUDED(mutex_);

  const size_t capacity_;
  mutable Mutex mutex_;
  std::unordered_map<uint64_t, Entry> watchers_ ABSL_GUARDED_BY(mutex_);
  uint64_t next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_WATCH_HUB_H_
