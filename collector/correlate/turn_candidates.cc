#include "collector/correlate/turn_candidates.h"

#include <algorithm>
#include <utility>

#include "collector/correlate/leg_relation.h"
#include "collector/store/link_tokens.h"
#include "common/base/status_macros.h"

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

void TurnCandidates::Reset() {
  at_hub_.clear();
  turned_.clear();
}

absl::Status TurnCandidates::AddWatching(const Node& dialog,
                                         std::vector<ObservationId>& ids) {
  for (const NodeToken& token : dialog.tokens) {
    if (token.kind != TokenKind::kHub) continue;
    RETURN_IF_ERROR(windows_.AddWatching(dialog, token.token, ids));
  }
  return absl::OkStatus();
}

absl::StatusOr<const TurnCandidates::Found*> TurnCandidates::AtHub(
    const Node& dialog) {
  const auto known = at_hub_.find(dialog.id);
  if (known != at_hub_.end()) return &known->second;
  ASSIGN_OR_RETURN(Found found, FindAtHub(dialog));
  return &(at_hub_[dialog.id] = std::move(found));
}

absl::StatusOr<TurnCandidates::Found> TurnCandidates::FindAtHub(
    const Node& dialog) {
  Found found;
  for (const NodeToken& token : dialog.tokens) {
    if (token.kind != TokenKind::kHub) continue;
    ASSIGN_OR_RETURN(const ObservationIndex::Query* const query,
                     windows_.Around(token.token, windows_.WindowOf(dialog)));
    if (query->over) {
      // What all calls out show, or all that come in ask for, tells none from
      // the others. The other number may.
      ++crowded_tokens_;
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

std::vector<TurnCandidates::LookUp> TurnCandidates::AskedBy(
    const Node& dialog) const {
  std::vector<LookUp> look_ups;
  const int64_t slack = policy_.clock_tolerance_ns + policy_.hop_delay_ns;
  for (const store::v1::DialogLink& link : dialog.dialog().links()) {
    const auto token = TokenAskedFor(link, dialog.dialog(), dialog.site());
    if (!token) continue;
    const int64_t within_ns = link.kind() == store::v1::LINK_KIND_REDIRECT
                                  ? policy_.redirect_ns
                                  : policy_.refer_ns;
    look_ups.push_back(
        {*token, link.time_ns() - slack, link.time_ns() + within_ns + slack});
  }
  return look_ups;
}

std::vector<TurnCandidates::LookUp> TurnCandidates::AskersOf(
    const Node& dialog) const {
  std::vector<LookUp> look_ups;
  if (dialog.invite_ns == 0) return look_ups;
  const int64_t slack = policy_.clock_tolerance_ns + policy_.hop_delay_ns;
  const int64_t within_ns = std::max(policy_.refer_ns, policy_.redirect_ns);
  // It may have begun at any time.
  for (const Token token : TurnTokens(dialog.dialog(), dialog.site(),
                                      dialog.invite_ns - within_ns - slack,
                                      dialog.invite_ns + slack)) {
    look_ups.push_back({token, 0, kNever});
  }
  return look_ups;
}

absl::StatusOr<bool> TurnCandidates::Finds(const std::vector<LookUp>& look_ups,
                                           const Node& other) {
  for (const LookUp& look_up : look_ups) {
    ASSIGN_OR_RETURN(const ObservationIndex::Query* const query,
                     index_.Find(look_up.token, look_up.from_ns, look_up.to_ns,
                                 policy_.max_linked));
    if (Contains(*query, other.id)) return true;
  }
  return false;
}

absl::StatusOr<const TurnCandidates::Found*> TurnCandidates::Turned(
    const Node& dialog) {
  const auto known = turned_.find(dialog.id);
  if (known != turned_.end()) return &known->second;
  ASSIGN_OR_RETURN(Found found, FindTurned(dialog));
  return &(turned_[dialog.id] = std::move(found));
}

absl::StatusOr<TurnCandidates::Found> TurnCandidates::FindTurned(
    const Node& dialog) {
  Found found;
  RETURN_IF_ERROR(
      AddTurned(dialog, AskedBy(dialog), &TurnCandidates::AskersOf, found));
  RETURN_IF_ERROR(
      AddTurned(dialog, AskersOf(dialog), &TurnCandidates::AskedBy, found));
  SortById(found.nodes);
  return found;
}

absl::Status TurnCandidates::AddTurned(
    const Node& dialog, const std::vector<LookUp>& look_ups,
    std::vector<LookUp> (TurnCandidates::*look_back)(const Node&) const,
    Found& found) {
  for (const LookUp& look_up : look_ups) {
    ASSIGN_OR_RETURN(const ObservationIndex::Query* const query,
                     index_.Find(look_up.token, look_up.from_ns, look_up.to_ns,
                                 policy_.max_linked));
    if (query->over) {
      ++crowded_tokens_;
      found.complete = false;
      continue;
    }
    const std::vector<ObservationId> ids = query->ids;
    for (const ObservationId& id : ids) {
      ASSIGN_OR_RETURN(const Node* const other, index_.Get(id));
      if (id == dialog.id || !IsCall(other)) continue;
      ASSIGN_OR_RETURN(const bool back,
                       Finds((this->*look_back)(*other), dialog));
      if (back) found.nodes.push_back(other);
    }
  }
  return absl::OkStatus();
}

}  // namespace callbraid::collector
