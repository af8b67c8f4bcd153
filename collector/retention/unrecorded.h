#ifndef CALLBRAID_COLLECTOR_RETENTION_UNRECORDED_H_
#define CALLBRAID_COLLECTOR_RETENTION_UNRECORDED_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/retention/retention_policy.h"
#include "collector/store/event_log.h"
#include "collector/store/retention_store.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// Removes what the rules say is not to be recorded, as soon as its call is over
// and no sensor is expected to send more of it: it follows the log of events,
// from where it was before a restart. One thread.
class Unrecorded {
 public:
  struct Removed {
    uint64_t calls = 0;
    // Calls of which the media alone went.
    uint64_t media = 0;
  };

  // References must outlive it.
  Unrecorded(const RetentionPolicy& policy, FactStore& facts, EventLog& log,
             RetentionStore& store)
      : policy_(policy), facts_(facts), log_(log), store_(store) {}

  // Looks at some of what happened since, and adds what went to `removed`.
  // False if that was all. What is on hold is passed over: it goes by its age.
  // Errors of the store: run it again, it goes on where it was.
  absl::StatusOr<bool> Run(int64_t now_ns, Removed& removed);

 private:
  absl::Status FindPlace();
  absl::Status LookAt(const store::v1::CallEvent& event, int64_t now_ns,
                      Removed& removed);

  const RetentionPolicy& policy_;
  FactStore& facts_;
  EventLog& log_;
  RetentionStore& store_;
  // The last entry that is dealt with.
  std::optional<uint64_t> done_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RETENTION_UNRECORDED_H_
