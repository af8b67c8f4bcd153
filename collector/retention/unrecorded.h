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

// Removes the media of what the rules say is not to be recorded, as soon as its
// call is over and no sensor is expected to send more of it: it follows the log
// of events, from where it was before a restart. The call itself stays a while
// longer, so that what comes late is known for what it is. One thread.
class Unrecorded {
 public:
  // References must outlive it.
  Unrecorded(const RetentionPolicy& policy, FactStore& facts, EventLog& log,
             RetentionStore& store)
      : policy_(policy), facts_(facts), log_(log), store_(store) {}

  // Looks at some of what happened since, and adds how many calls lost their
  // media to `removed`. False if that was all. What is on hold is passed over,
  // and what may still turn out to be recorded: it goes by its age.
  // Errors of the store: run it again, it goes on where it was.
  absl::StatusOr<bool> Run(int64_t now_ns, uint64_t& removed);

 private:
  absl::Status FindPlace();
  absl::Status LookAt(const store::v1::CallEvent& event, int64_t now_ns,
                      uint64_t& removed);

  const RetentionPolicy& policy_;
  FactStore& facts_;
  EventLog& log_;
  RetentionStore& store_;
  // The last entry that is dealt with.
  std::optional<uint64_t> done_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RETENTION_UNRECORDED_H_
