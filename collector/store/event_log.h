#ifndef CALLBRAID_COLLECTOR_STORE_EVENT_LOG_H_
#define CALLBRAID_COLLECTOR_STORE_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_event.pb.h"
#include "common/base/clock.h"

namespace callbraid::collector {

struct LoggedEvent {
  uint64_t sequence = 0;
  store::v1::CallEvent event;
};

// What happened to calls, and what was wrong with the recorder, in the order in
// which it was stored, and how far its readers have come. Thread-safe; errors
// as in store.h.
class EventLog {
 public:
  virtual ~EventLog() = default;

  // From now on FactStore::ApplyCalls() logs what it does, in the same write,
  // at the time of `clock`, which must outlive that. Once; until then nothing
  // is logged and LastEvent() is 0.
  virtual absl::Status StartLog(const Clock& clock) = 0;

  // The newest entry that can be read; 0 if there was never any. Grows.
  virtual uint64_t LastEvent() = 0;

  // Entries behind sequence `after`, oldest first, at most `limit`. The first
  // one is `after` + 1 unless that was cut. One that is damaged has no kind.
  virtual absl::StatusOr<std::vector<LoggedEvent>> ReadEvents(uint64_t after,
                                                              size_t limit) = 0;

  // Adds entries that are of no call, and sets where `reader` is, in one write
  // that is on disk when this returns OK. FAILED_PRECONDITION before
  // StartLog().
  virtual absl::Status AppendEvents(
      const std::vector<store::v1::CallEvent>& events,
      const std::string& reader, const store::v1::EventCursor& cursor) = 0;

  // Removes what is older than `before_ns`, and all but the newest `keep`; a
  // bounded number at once, and never the newest. True if there may be more.
  virtual absl::StatusOr<bool> CutEvents(int64_t before_ns, uint64_t keep) = 0;

  // Nullopt of a reader that never set one.
  virtual absl::StatusOr<std::optional<store::v1::EventCursor>> GetCursor(
      const std::string& reader) = 0;
  // With `sync` on disk when this returns OK, else with the next commit: after
  // a power failure the reader may be a little further back, never ahead.
  virtual absl::Status SetCursor(const std::string& reader,
                                 const store::v1::EventCursor& cursor,
                                 bool sync) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_EVENT_LOG_H_
