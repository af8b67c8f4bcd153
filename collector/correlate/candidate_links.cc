#include <algorithm>
#include <utility>

#include "collector/correlate/candidates.h"
#include "common/base/status_macros.h"

// The look-ups of Candidates that go by what links dialogs.

namespace callbraid::collector {

// By the clock, not by the dialog: so all dialogs of one window have one group
// in common, and two of neighbouring windows find each other from either end.
// A Call-ID is of one time anyway: whoever names it may have waited for long.
absl::StatusOr<const Candidates::Group*> Candidates::GroupOf(
    const Node& dialog, const NodeToken& token) {
  const bool named = token.kind == TokenKind::kName;
  const int64_t window = named ? 0 : dialog.first_ns / policy_.link_window_ns;
  const std::pair key(token.token, window);
  const auto known = groups_.find(key);
  if (known != groups_.end()) return &known->second;
  ASSIGN_OR_RETURN(
      const ObservationIndex::Query* const query,
      index_.Find(token.token,
                  named ? 0 : (window - 1) * policy_.link_window_ns,
                  named ? kNever : (window + 2) * policy_.link_window_ns - 1,
                  policy_.max_linked));
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
  group.worth.emplace(group.nodes, policy_);
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
