#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_EVENT_LOG_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_EVENT_LOG_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "collector/store/event_log.h"
#include "collector/store/rocksdb_batch.h"
#include "collector/store/rocksdb_engine.h"

namespace callbraid::collector {

// The log of events in RocksDB.
class RocksDbEventLog final : public EventLog {
 public:
  explicit RocksDbEventLog(RocksDbEngine& engine) : engine_(engine) {}

  absl::Status StartLog(const Clock& clock) override;
  uint64_t LastEvent() override { return last_; }
  absl::StatusOr<std::vector<LoggedEvent>> ReadEvents(uint64_t after,
                                                      size_t limit) override;
  absl::Status AppendEvents(const std::vector<store::v1::CallEvent>& events,
                            const std::string& reader,
                            const store::v1::EventCursor& cursor) override;
  absl::StatusOr<bool> CutEvents(int64_t before_ns, uint64_t keep) override;
  absl::StatusOr<std::optional<store::v1::EventCursor>> GetCursor(
      const std::string& reader) override;
  absl::Status SetCursor(const std::string& reader,
                         const store::v1::EventCursor& cursor,
                         bool sync) override;

  // Null until StartLog().
  const Clock* clock() const { return clock_; }
  // Adds `events` to a change of calls, of which there is one at a time. They
  // can be read when it was written, and Written() called.
  void Put(const std::vector<store::v1::CallEvent>& events,
           RocksDbBatch& batch) const;
  void Written(size_t events) { last_ += events; }
  // Takes the numbers out of all entries of these calls, that were deleted on
  // order; 16 bytes each. Reads the whole log.
  absl::Status HidePartiesOf(const std::set<std::string>& calls);

 private:
  RocksDbEngine& engine_;
  std::atomic<const Clock*> clock_ = nullptr;
  std::atomic<uint64_t> last_ = 0;
  // Nothing up to it is there. Where it was cut RocksDB would step over each
  // entry again, one by one.
  std::atomic<uint64_t> cut_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_EVENT_LOG_H_
