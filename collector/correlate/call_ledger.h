#ifndef CALLBRAID_COLLECTOR_CORRELATE_CALL_LEDGER_H_
#define CALLBRAID_COLLECTOR_CORRELATE_CALL_LEDGER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/status/statusor.h"
#include "callbraid/store/v1/call_record.pb.h"
#include "collector/calls/call_state.h"
#include "collector/store/observation_id.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// A call as last stored.
struct KnownCall {
  ObservationId id;
  uint64_t revision = 0;
  // Of the record without what the correlator adds (ContentOf()).
  size_t content = 0;
  bool settled = false;
  std::vector<ObservationId> members;
  // Empty for a call that was read back from the store.
  std::vector<WatchPoint> points;
  std::string phase;
};

// Hash of a record apart from its revision and whether it is settled.
size_t ContentOf(const store::v1::CallRecord& record);

// Which call holds an observation, and what was last stored of it. Holds calls
// that are not settled; the others are read from the store when asked for.
//
// One thread. Errors are those of FactStore.
class CallLedger {
 public:
  explicit CallLedger(FactStore& facts) : facts_(facts) {}

  // Nullptr if no call has this observation. Valid until Replace() or Forget().
  absl::StatusOr<const KnownCall*> CallOf(const ObservationId& observation);
  // Without asking the store.
  const KnownCall* Held(const ObservationId& observation) const;

  // After the change was stored.
  void Replace(KnownCall call);
  void Forget(const ObservationId& call);
  // These were deleted from the store; nullopt: it may be any.
  void ForgetDeleted(const std::optional<RecentDeletions::Ids>& deleted);

  const absl::node_hash_map<ObservationId, KnownCall>& open() const {
    return calls_;
  }

 private:
  FactStore& facts_;
  absl::node_hash_map<ObservationId, KnownCall> calls_;
  absl::flat_hash_map<ObservationId, ObservationId> call_of_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_CALL_LEDGER_H_
