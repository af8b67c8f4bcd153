#ifndef CALLBRAID_COLLECTOR_CORRELATE_TURN_CANDIDATES_H_
#define CALLBRAID_COLLECTOR_CORRELATE_TURN_CANDIDATES_H_

#include <cstdint>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/clocks/clock_model.h"
#include "collector/correlate/clocked_spans.h"
#include "collector/correlate/dialog_windows.h"
#include "collector/evidence/evidence_policy.h"
#include "collector/evidence/node.h"
#include "collector/index/candidates.h"
#include "collector/index/observation_index.h"

namespace callbraid::collector {

// Which dialogs may have to do with each other by who called whom from where,
// and when. As Candidates, cut by rules that depend on the set of observations
// alone. The clocks of all that are found are then known to the model.
//
// One thread. Errors are those of FactStore.
class TurnCandidates {
 public:
  // All must outlive it.
  TurnCandidates(ObservationIndex& index, ClockModel& clocks,
                 const EvidencePolicy& policy)
      : index_(index),
        clocks_(clocks),
        windows_(index, clocks, policy,
                 policy.bridge_setup_ns + policy.clock_tolerance_ns +
                     policy.hop_delay_ns),
        policy_(policy) {}

  using Found = Candidates::Found;

  // Dialogs of the same number that go on from where this one ends, or end
  // where it begins, at about the same time: the other side of a B2BUA. Valid
  // until Reset().
  absl::StatusOr<const Found*> AtHub(const Node& dialog);

  // Dialogs that may have asked for this one by REFER or 3xx, and those that it
  // asked for. Valid until Reset().
  absl::StatusOr<const Found*> Turned(const Node& dialog);

  // Adds the dialogs whose AtHub() or Turned() rests on `dialog`, though one of
  // the two finds too many to tell of the other.
  absl::Status AddWatching(const Node& dialog, std::vector<ObservationId>& ids);

  // Forgets what was worked out, after observations changed.
  void Reset();

  // Look-ups that found too many to mean anything.
  uint64_t crowded_tokens() const { return crowded_tokens_; }

 private:
  struct LookUp {
    Token token = 0;
    TimeSpan span;
  };
  using LookUps = absl::StatusOr<std::vector<LookUp>>;

  // The calls that the dialog asked for, and the dialogs that may have asked
  // for it.
  LookUps AskedBy(const Node& dialog);
  LookUps AskersOf(const Node& dialog);
  absl::StatusOr<const ObservationIndex::Query*> Find(const LookUp& look_up) {
    return index_.Find(look_up.token, look_up.span.from_ns, look_up.span.to_ns,
                       policy_.max_linked);
  }
  absl::StatusOr<bool> Finds(const std::vector<LookUp>& look_ups,
                             const Node& other);
  absl::StatusOr<Found> FindAtHub(const Node& dialog);
  absl::StatusOr<Found> FindTurned(const Node& dialog);
  absl::Status AddTurned(const Node& dialog,
                         const std::vector<LookUp>& look_ups,
                         LookUps (TurnCandidates::*look_back)(const Node&),
                         Found& found);

  ObservationIndex& index_;
  ClockModel& clocks_;
  DialogWindows windows_;
  const EvidencePolicy& policy_;
  absl::node_hash_map<ObservationId, Found> at_hub_;
  absl::node_hash_map<ObservationId, Found> turned_;
  uint64_t crowded_tokens_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_TURN_CANDIDATES_H_
