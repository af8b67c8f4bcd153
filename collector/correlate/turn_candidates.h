#ifndef CALLBRAID_COLLECTOR_CORRELATE_TURN_CANDIDATES_H_
#define CALLBRAID_COLLECTOR_CORRELATE_TURN_CANDIDATES_H_

#include <cstdint>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/correlate/candidates.h"
#include "collector/correlate/dialog_windows.h"
#include "collector/correlate/evidence_policy.h"
#include "collector/correlate/node.h"
#include "collector/correlate/observation_index.h"

namespace callbraid::collector {

// Which dialogs may have to do with each other by who called whom from where,
// and when. As Candidates, cut by rules that depend on the set of observations
// alone.
//
// One thread. Errors are those of FactStore.
class TurnCandidates {
 public:
  // Both must outlive it.
  TurnCandidates(ObservationIndex& index, const EvidencePolicy& policy)
      : index_(index),
        windows_(index, policy,
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

  // Adds the dialogs whose AtHub() rests on `dialog`, though its own finds
  // too many to tell of them.
  absl::Status AddWatching(const Node& dialog, std::vector<ObservationId>& ids);

  // Forgets what was worked out, after observations changed.
  void Reset();

  // Look-ups that found too many to mean anything.
  uint64_t crowded_tokens() const { return crowded_tokens_; }

 private:
  struct LookUp {
    Token token = 0;
    int64_t from_ns = 0;
    int64_t to_ns = 0;
  };
  // The calls that the dialog asked for, and the dialogs that may have asked
  // for it.
  std::vector<LookUp> AskedBy(const Node& dialog) const;
  std::vector<LookUp> AskersOf(const Node& dialog) const;
  absl::StatusOr<bool> Finds(const std::vector<LookUp>& look_ups,
                             const Node& other);
  absl::StatusOr<Found> FindAtHub(const Node& dialog);
  absl::StatusOr<Found> FindTurned(const Node& dialog);
  absl::Status AddTurned(
      const Node& dialog, const std::vector<LookUp>& look_ups,
      std::vector<LookUp> (TurnCandidates::*look_back)(const Node&) const,
      Found& found);

  ObservationIndex& index_;
  DialogWindows windows_;
  const EvidencePolicy& policy_;
  absl::node_hash_map<ObservationId, Found> at_hub_;
  absl::node_hash_map<ObservationId, Found> turned_;
  uint64_t crowded_tokens_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_TURN_CANDIDATES_H_
