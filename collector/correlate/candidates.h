#ifndef CALLBRAID_COLLECTOR_CORRELATE_CANDIDATES_H_
#define CALLBRAID_COLLECTOR_CORRELATE_CANDIDATES_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/status/statusor.h"
#include "collector/correlate/evidence.h"
#include "collector/correlate/evidence_policy.h"
#include "collector/correlate/link_group.h"
#include "collector/correlate/node.h"
#include "collector/correlate/observation_index.h"

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

  // Dialogs that share what links dialogs, Call-IDs that are named included,
  // within an hour or two, and the group of each token; without one if too many
  // do. Valid until Reset(). candidate_links.cc
  struct Linked {
    std::vector<const Node*> nodes;  // By id; without the node itself.
    std::vector<std::pair<Token, const LinkGroup*>> groups;  // By token.
  };
  absl::StatusOr<const Linked*> LinkedTo(const Node& dialog);

  // Dialogs of the same number that go on from where this one ends, or end
  // where it begins, at about the same time: the other side of a B2BUA. Valid
  // until Reset(). candidate_turns.cc
  absl::StatusOr<const Found*> AtHub(const Node& dialog);

  // Dialogs that may have asked for this one by REFER or 3xx, and those that it
  // asked for. Valid until Reset(). candidate_turns.cc
  absl::StatusOr<const Found*> Turned(const Node& dialog);

  // Adds the dialogs whose LinkedTo() and AtHub() rest on `dialog`, though its
  // own look-up finds too many to tell of them: their windows reach no further
  // than to it. candidate_links.cc
  absl::Status AddWatching(const Node& dialog, std::vector<ObservationId>& ids);

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

  // candidate_turns.cc
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
  // candidate_links.cc
  //
  // By the clock, not by the dialog: so all dialogs of one window have one
  // look-up in common, and two of neighbouring windows find each other from
  // either end. A Call-ID is of one time anyway: whoever names it may have
  // waited for long, so there is but one window.
  int64_t WindowNs(TokenKind kind) const;
  int64_t WindowOf(const Node& dialog, TokenKind kind) const {
    return dialog.first_ns / WindowNs(kind);
  }
  // What began in a window, in the one before or in the one after.
  absl::StatusOr<const ObservationIndex::Query*> FindAround(
      const NodeToken& token, int64_t window);
  struct Group {
    std::vector<const Node*> nodes;
    std::optional<LinkGroup> worth;
  };
  absl::StatusOr<const Group*> GroupOf(const Node& dialog,
                                       const NodeToken& token);
  absl::StatusOr<Linked> FindLinked(const Node& dialog);
  absl::StatusOr<Found> FindTurned(const Node& dialog);
  absl::Status AddTurned(
      const Node& dialog, const std::vector<LookUp>& look_ups,
      std::vector<LookUp> (Candidates::*look_back)(const Node&) const,
      Found& found);

  ObservationIndex& index_;
  const EvidencePolicy& policy_;
  absl::node_hash_map<std::pair<ObservationId, By>, Found> sharing_;
  absl::node_hash_map<std::pair<Token, int64_t>, Group> groups_;
  absl::node_hash_map<ObservationId, Linked> linked_;
  absl::node_hash_map<ObservationId, Found> at_hub_;
  absl::node_hash_map<ObservationId, Found> turned_;
  uint64_t crowded_tokens_ = 0;
};

// Whether `nodes`, by id, hold `node`.
bool Contains(const std::vector<const Node*>& nodes, const Node& node);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_CANDIDATES_H_
