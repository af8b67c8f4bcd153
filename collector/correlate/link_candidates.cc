#include "collector/correlate/link_candidates.h"

#include <algorithm>
#include <utility>

#include "collector/correlate/candidates.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {

void LinkCandidates::Reset() {
  groups_.clear();
  linked_.clear();
}

absl::Status LinkCandidates::AddWatching(const Node& dialog,
                                         std::vector<ObservationId>& ids) {
  for (const NodeToken& token : dialog.tokens) {
    if (token.kind != TokenKind::kLink) continue;
    RETURN_IF_ERROR(windows_.AddWatching(dialog, token.token, ids));
  }
  return absl::OkStatus();
}

// A Call-ID is of one time anyway: whoever names it may have waited for long,
// so there is but one window.
absl::StatusOr<const LinkCandidates::Group*> LinkCandidates::GroupOf(
    const Node& dialog, const NodeToken& token) {
  const bool named = token.kind == TokenKind::kName;
  const int64_t window = named ? 0 : windows_.WindowOf(dialog);
  const std::pair key(token.token, window);
  const auto known = groups_.find(key);
  if (known != groups_.end()) return &known->second;
  ASSIGN_OR_RETURN(const ObservationIndex::Query* const query,
                   named
                       ? index_.Find(token.token, 0, kNever, policy_.max_linked)
                       : windows_.Around(token.token, window));
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

absl::StatusOr<const LinkCandidates::Linked*> LinkCandidates::LinkedTo(
    const Node& dialog) {
  const auto known = linked_.find(dialog.id);
  if (known != linked_.end()) return &known->second;
  ASSIGN_OR_RETURN(Linked linked, FindLinked(dialog));
  return &(linked_[dialog.id] = std::move(linked));
}

absl::StatusOr<LinkCandidates::Linked> LinkCandidates::FindLinked(
    const Node& dialog) {
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
