#include "collector/correlate/link_candidates.h"

#include <algorithm>
#include <utility>

#include "collector/index/candidates.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {

void LinkCandidates::Reset() {
  windows_.Reset();
  named_.clear();
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

// A Call-ID is of one time anyway: whoever names it may have waited for long.
absl::StatusOr<const LinkCandidates::Carriers*> LinkCandidates::CarriersOf(
    const Node& dialog, const NodeToken& token) {
  if (token.kind != TokenKind::kName) {
    return windows_.Around(dialog, token.token);
  }
  const auto known = named_.find(token.token);
  if (known != named_.end()) return &known->second;
  Carriers carriers;
  ASSIGN_OR_RETURN(const ObservationIndex::Query* const query,
                   index_.Find(token.token, 0, kNever, policy_.max_linked));
  carriers.complete = !query->over;
  // A copy: looking further may add to what is held.
  const std::vector<ObservationId> ids = query->ids;
  for (const ObservationId& id : ids) {
    ASSIGN_OR_RETURN(const Node* const node, index_.Get(id));
    if (node != nullptr && node->is_dialog && node->makes_call) {
      carriers.nodes.push_back(node);
    }
  }
  SortById(carriers.nodes);
  return &(named_[token.token] = std::move(carriers));
}

absl::StatusOr<const LinkGroup*> LinkCandidates::GroupOf(
    Token token, const Carriers& carriers) {
  const auto known = groups_.find(&carriers);
  if (known != groups_.end()) return &known->second;
  RETURN_IF_ERROR(clocks_.Know(carriers.nodes));
  const auto [group, added] = groups_.try_emplace(
      &carriers, token, carriers.nodes, policy_, clocks_.known());
  return &group->second;
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
    ASSIGN_OR_RETURN(const Carriers* const carriers, CarriersOf(dialog, token));
    if (!carriers->complete) {
      ++crowded_tokens_;
      continue;
    }
    ASSIGN_OR_RETURN(const LinkGroup* const group,
                     GroupOf(token.token, *carriers));
    linked.groups.emplace_back(token.token, group);
    linked.nodes.insert(linked.nodes.end(), carriers->nodes.begin(),
                        carriers->nodes.end());
  }
  std::sort(linked.groups.begin(), linked.groups.end());
  SortById(linked.nodes);
  std::erase(linked.nodes, &dialog);
  return linked;
}

}  // namespace callbraid::collector
