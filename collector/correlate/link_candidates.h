#ifndef CALLBRAID_COLLECTOR_CORRELATE_LINK_CANDIDATES_H_
#define CALLBRAID_COLLECTOR_CORRELATE_LINK_CANDIDATES_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/clocks/clock_model.h"
#include "collector/correlate/dialog_windows.h"
#include "collector/evidence/evidence_policy.h"
#include "collector/evidence/link_group.h"
#include "collector/evidence/node.h"
#include "collector/index/observation_index.h"

namespace callbraid::collector {

// Which dialogs share what links dialogs. As Candidates, cut by rules that
// depend on the set of observations alone.
//
// One thread. Errors are those of FactStore.
class LinkCandidates {
 public:
  // All must outlive it.
  LinkCandidates(ObservationIndex& index, ClockModel& clocks,
                 const EvidencePolicy& policy)
      : index_(index),
        clocks_(clocks),
        windows_(index, clocks, policy, policy.link_window_ns),
        policy_(policy) {}

  // Dialogs that share what links dialogs, Call-IDs that are named included,
  // within an hour or two, and the group of each token; without one if too many
  // do. Valid until Reset().
  struct Linked {
    std::vector<const Node*> nodes;  // By id; without the node itself.
    std::vector<std::pair<Token, const LinkGroup*>> groups;  // By token.
  };
  absl::StatusOr<const Linked*> LinkedTo(const Node& dialog);

  // Adds the dialogs whose LinkedTo() rests on `dialog`, though its own finds
  // too many to tell of them.
  absl::Status AddWatching(const Node& dialog, std::vector<ObservationId>& ids);

  // Forgets what was worked out, after observations changed.
  void Reset();

  // Look-ups that found too many to mean anything.
  uint64_t crowded_tokens() const { return crowded_tokens_; }

 private:
  using Carriers = DialogWindows::Found;

  absl::StatusOr<const Carriers*> CarriersOf(const Node& dialog,
                                             const NodeToken& token);
  absl::StatusOr<const LinkGroup*> GroupOf(Token token,
                                           const Carriers& carriers);
  absl::StatusOr<Linked> FindLinked(const Node& dialog);

  ObservationIndex& index_;
  ClockModel& clocks_;
  DialogWindows windows_;
  const EvidencePolicy& policy_;
  // Of Call-IDs.
  absl::node_hash_map<Token, Carriers> named_;
  // By the carriers, which are held as long.
  absl::node_hash_map<const Carriers*, LinkGroup> groups_;
  absl::node_hash_map<ObservationId, Linked> linked_;
  uint64_t crowded_tokens_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_LINK_CANDIDATES_H_
