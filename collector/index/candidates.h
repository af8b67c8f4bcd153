#ifndef CALLBRAID_COLLECTOR_INDEX_CANDIDATES_H_
#define CALLBRAID_COLLECTOR_INDEX_CANDIDATES_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/status/statusor.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/evidence_policy.h"
#include "collector/evidence/node.h"
#include "collector/index/observation_index.h"

namespace callbraid::collector {

// Puts each node once, by id.
void SortById(std::vector<const Node*>& nodes);

// Who may have to do with whom: the look-ups by token, cut by rules that depend
// on the set of observations alone and never on the order in which they came.
//
// Two nodes are candidates of each other only if each finds the other: so the
// answer is the same from both ends.
//
// One thread. Errors are those of FactStore.
class Candidates {
 public:
  // Both must outlive it.
  Candidates(ObservationIndex& index, const EvidencePolicy& policy)
      : index_(index), policy_(policy) {}

  struct Found {
    std::vector<const Node*> nodes;  // By id; without the node itself.
    // No token was shared by too many.
    bool complete = true;
  };
  enum class By { kDialog, kContent, kPair, kReception };
  // Nodes that share a token: of the dialog; of flow or payload; of both
  // endpoints; of hosts and SSRC. Valid until Reset().
  absl::StatusOr<const Found*> Sharing(const Node& node, By by);

  // Forgets what was worked out, after observations changed.
  void Reset();

  // Look-ups that found too many to mean anything.
  uint64_t crowded_tokens() const { return crowded_tokens_; }

 private:
  // Nullptr: too many however narrow the time.
  struct Reach {
    const ObservationIndex::Query* query = nullptr;
    bool complete = true;
  };
  absl::StatusOr<Reach> ReachOf(const Node& node, Token token);
  absl::StatusOr<Found> Share(const Node& node, By by);

  ObservationIndex& index_;
  const EvidencePolicy& policy_;
  absl::node_hash_map<std::pair<ObservationId, By>, Found> sharing_;
  uint64_t crowded_tokens_ = 0;
};

// Whether `nodes`, by id, hold `node`.
bool Contains(const std::vector<const Node*>& nodes, const Node& node);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INDEX_CANDIDATES_H_
