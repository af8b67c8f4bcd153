#ifndef CALLBRAID_COLLECTOR_QUERY_WATCH_HUB_H_
#define CALLBRAID_COLLECTOR_QUERY_WATCH_HUB_H_

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/query.pb.h"
#include "collector/correlate/call_sink.h"
#include "collector/query/response_writer.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// Passes changes of calls on to everyone who watches.
//
// Each watcher has a bounded queue; one that reads too slowly is ended with
// RESOURCE_EXHAUSTED, so that it costs the others nothing. Thread-safe.
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

  // Starts to queue changes for a new watcher. With `held` they wait until
  // Release(). RESOURCE_EXHAUSTED (too many watchers), UNAVAILABLE (closed).
  absl::StatusOr<Watcher> Add(bool held);
  // Lets the changes through that came while the watcher was held, but for
  // those not newer than what `told` says the watcher knows.
  void Release(uint64_t id, const Revisions& told);
  // Ends a watcher with `status`, unless it has ended.
  void Remove(uint64_t id, const absl::Status& status);
  // Ends all watchers with UNAVAILABLE, and refuses new ones.
  void Close();

  void OnCallUpdated(const v1::Call& call) override;
  void OnCallMerged(const std::string& id, const std::string& into) override;

 private:
  struct Entry {
    std::shared_ptr<Writer> writer;
    bool held = false;
    std::vector<Writer::Message> waiting;
  };

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
