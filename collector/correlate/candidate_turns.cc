#include <algorithm>
#include <utility>

#include "collector/correlate/candidates.h"
#include "collector/correlate/leg_relation.h"
#include "collector/store/link_tokens.h"
#include "common/base/status_macros.h"

// The look-ups of Candidates that go by who called whom from where, and when.

namespace callbraid::collector {
namespace {

bool IsCall(const Node* node) {
  return node != nullptr && node->is_dialog && node->makes_call;
}

bool Contains(const ObservationIndex::Query& query, const ObservationId& id) {
  return !query.over &&
         std::find(query.ids.begin(), query.ids.end(), id) != query.ids.end();
}

}  // namespace

absl::StatusOr<const Candidates::Found*> Candidates::AtHub(const Node& dialog) {
  const auto known = at_hub_.find(dialog.id);
  if (known != at_hub_.end()) return &known->second;
  ASSIGN_OR_RETURN(Found found, FindAtHub(dialog));
  return &(at_hub_[dialog.id] = std::move(found));
}

// By the clock, as with links: look-ups are shared, and who finds is found.
absl::StatusOr<Candidates::Found> Candidates::FindAtHub(const Node& dialog) {
  const int64_t window_ns = policy_.bridge_setup_ns +
                            policy_.clock_tolerance_ns + policy_.hop_delay_ns;
  const int64_t window = dialog.first_ns / window_ns;
  Found found;
  for (const NodeToken& token : dialog.tokens) {
    if (token.kind != TokenKind::kHub) continue;
    ASSIGN_OR_RETURN(
        const ObservationIndex::Query* const query,
        index_.Find(token.token, (window - 1) * window_ns,
                    (window + 2) * window_ns - 1, policy_.max_linked));
    if (query->over) {
      ++crowded_tokens_;
      found.complete = false;
      continue;
    }
    const std::vector<ObservationId> ids = query->ids;
    for (const ObservationId& id : ids) {
      ASSIGN_OR_RETURN(const Node* const other, index_.Get(id));
      if (IsCall(other) && !SameCallId(dialog, *other) &&
          (LeadsTo(dialog, *other) || LeadsTo(*other, dialog))) {
        found.nodes.push_back(other);
      }
    }
  }
  SortById(found.nodes);
  return found;
}

std::vector<Candidates::Asked> Candidates::AskedBy(const Node& dialog) const {
  std::vector<Asked> asked;
  if (!dialog.makes_call) return asked;
  const int64_t slack = policy_.clock_tolerance_ns + policy_.hop_delay_ns;
  for (const store::v1::DialogLink& link : dialog.dialog().links()) {
    const auto token = TokenAskedFor(link, dialog.dialog(), dialog.site());
    if (!token) continue;
    const int64_t within_ns = link.kind() == store::v1::LINK_KIND_REDIRECT
                                  ? policy_.redirect_ns
                                  : policy_.refer_ns;
    asked.push_back(
        {*token, link.time_ns() - slack, link.time_ns() + within_ns + slack});
  }
  return asked;
}

absl::StatusOr<bool> Candidates::FindsAsked(const Node& dialog,
                                            const Node& other) {
  for (const Asked& asked : AskedBy(dialog)) {
    ASSIGN_OR_RETURN(const ObservationIndex::Query* const query,
                     index_.Find(asked.token, asked.from_ns, asked.to_ns,
                                 policy_.max_linked));
    if (Contains(*query, other.id)) return true;
  }
  return false;
}

absl::StatusOr<bool> Candidates::FindsAsking(const Node& dialog,
                                             const Node& other) {
  for (const Token token : dialog.turns) {
    ASSIGN_OR_RETURN(const Reach reach, ReachOf(dialog, token));
    if (reach.query != nullptr && Contains(*reach.query, other.id)) return true;
  }
  return false;
}

absl::StatusOr<const Candidates::Found*> Candidates::Turned(
    const Node& dialog) {
  const auto known = turned_.find(dialog.id);
  if (known != turned_.end()) return &known->second;
  ASSIGN_OR_RETURN(Found found, FindTurned(dialog));
  return &(turned_[dialog.id] = std::move(found));
}

absl::StatusOr<Candidates::Found> Candidates::FindTurned(const Node& dialog) {
  Found found;
  std::vector<ObservationId> asked_for;
  for (const Asked& asked : AskedBy(dialog)) {
    ASSIGN_OR_RETURN(const ObservationIndex::Query* const query,
                     index_.Find(asked.token, asked.from_ns, asked.to_ns,
                                 policy_.max_linked));
    if (query->over) ++crowded_tokens_;
    found.complete = found.complete && !query->over;
    asked_for.insert(asked_for.end(), query->ids.begin(), query->ids.end());
  }
  for (const ObservationId& id : asked_for) {
    ASSIGN_OR_RETURN(const Node* const other, index_.Get(id));
    if (id == dialog.id || !IsCall(other)) continue;
    ASSIGN_OR_RETURN(const bool back, FindsAsking(*other, dialog));
    if (back) found.nodes.push_back(other);
  }
  std::vector<ObservationId> asking;
  for (const Token token : dialog.turns) {
    ASSIGN_OR_RETURN(const Reach reach, ReachOf(dialog, token));
    found.complete = found.complete && reach.query != nullptr;
    if (reach.query == nullptr) continue;
    asking.insert(asking.end(), reach.query->ids.begin(),
                  reach.query->ids.end());
  }
  for (const ObservationId& id : asking) {
    ASSIGN_OR_RETURN(const Node* const other, index_.Get(id));
    if (id == dialog.id || !IsCall(other)) continue;
    ASSIGN_OR_RETURN(const bool back, FindsAsked(*other, dialog));
    if (back) found.nodes.push_back(other);
  }
  SortById(found.nodes);
  return found;
}

}  // namespace callbraid::collector
