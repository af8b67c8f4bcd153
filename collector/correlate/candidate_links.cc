#include <algorithm>
#include <utility>

#include "collector/correlate/candidates.h"
#include "common/base/status_macros.h"

// The look-ups of Candidates that go by what links dialogs.

namespace callbraid::collector {

int64_t Candidates::WindowNs(TokenKind kind) const {
  switch (kind) {
    case TokenKind::kLink:
      return policy_.link_window_ns;
    case TokenKind::kHub:
      return policy_.bridge_setup_ns + policy_.clock_tolerance_ns +
             policy_.hop_delay_ns;
    default:
      return kNever;
  }
}

absl::StatusOr<const ObservationIndex::Query*> Candidates::FindAround(
    const NodeToken& token, int64_t window) {
  const int64_t width_ns = WindowNs(token.kind);
  if (width_ns == kNever) {
    return index_.Find(token.token, 0, kNever, policy_.max_linked);
  }
  return index_.Find(token.token, (window - 1) * width_ns,
                     (window + 2) * width_ns - 1, policy_.max_linked);
}

absl::Status Candidates::AddWatching(const Node& dialog,
                                     std::vector<ObservationId>& ids) {
  for (const NodeToken& token : dialog.tokens) {
    if (token.kind != TokenKind::kLink && token.kind != TokenKind::kHub) {
      continue;
    }
    const int64_t window = WindowOf(dialog, token.kind);
    ASSIGN_OR_RETURN(const ObservationIndex::Query* const own,
                     FindAround(token, window));
    if (!own->over) continue;
    for (const int64_t next : {window - 1, window + 1}) {
      ASSIGN_OR_RETURN(const ObservationIndex::Query* const theirs,
                       FindAround(token, next));
      if (theirs->over) continue;
      ids.insert(ids.end(), theirs->ids.begin(), theirs->ids.end());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<const Candidates::Group*> Candidates::GroupOf(
    const Node& dialog, const NodeToken& token) {
  const int64_t window = WindowOf(dialog, token.kind);
  const std::pair key(token.token, window);
  const auto known = groups_.find(key);
  if (known != groups_.end()) return &known->second;
  ASSIGN_OR_RETURN(const ObservationIndex::Query* const query,
                   FindAround(token, window));
  Group group;
  if (query->over) {
    ++crowded_tokens_;
    return &(groups_[key] = std::move(group));
  }
  const std::vector<ObservationId> ids = query->ids;
  for (const ObservationId& id : ids) {
    ASSIGN_OR_RETURN(const Node* const node, index_.Get(id));
    if (node != nullptr && node->is_dialog && node->makes_call) {
      group.nodes.push_back(node);
    }
  }
  SortById(group.nodes);
  group.worth.emplace(token.token, group.nodes, policy_);
  return &(groups_[key] = std::move(group));
}

absl::StatusOr<const Candidates::Linked*> Candidates::LinkedTo(
    const Node& dialog) {
  const auto known = linked_.find(dialog.id);
  if (known != linked_.end()) return &known->second;
  ASSIGN_OR_RETURN(Linked linked, FindLinked(dialog));
  return &(linked_[dialog.id] = std::move(linked));
}

absl::StatusOr<Candidates::Linked> Candidates::FindLinked(const Node& dialog) {
  Linked linked;
  for (const NodeToken& token : dialog.tokens) {
    if (token.kind != TokenKind::kLink && token.kind != TokenKind::kName) {
      continue;
    }
    ASSIGN_OR_RETURN(const Group* const group, GroupOf(dialog, token));
    if (!group->worth) continue;
    linked.groups.emplace_back(token.token, &*group->worth);
    linked.nodes.insert(linked.nodes.end(), group->nodes.begin(),
                        group->nodes.end());
  }
  std::sort(linked.groups.begin(), linked.groups.end());
  SortById(linked.nodes);
  std::erase(linked.nodes, &dialog);
  return linked;
}

}  // namespace callbraid::collector
