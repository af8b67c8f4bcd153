#include "collector/correlate/turn_candidates.h"

#include <algorithm>
#include <utility>

#include "collector/evidence/leg_relation.h"
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
  windows_.Reset();
  at_hub_.clear();
  turned_.clear();
}

absl::Status TurnCandidates::AddWatching(const Node& dialog,
                                         std::vector<ObservationId>& ids) {
  for (const NodeToken& token : dialog.tokens) {
    if (token.kind != TokenKind::kHub) continue;
    RETURN_IF_ERROR(windows_.AddWatching(dialog, token.token, ids));
  }
  for (const auto look_ups_of :
       {&TurnCandidates::AskedBy, &TurnCandidates::AskersOf}) {
    ASSIGN_OR_RETURN(const std::vector<LookUp> look_ups,
                     (this->*look_ups_of)(dialog));
    for (const LookUp& look_up : look_ups) {
      ASSIGN_OR_RETURN(const ObservationIndex::Query* const query,
                       Find(look_up));
      ids.insert(ids.end(), query->ids.begin(), query->ids.end());
    }
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
    ASSIGN_OR_RETURN(const DialogWindows::Found* const around,
                     windows_.Around(dialog, token.token));
    // What all calls out show, or all that come in ask for, tells none from
    // the others. The other number may.
    if (!around->complete) ++crowded_tokens_;
    for (const Node* other : around->nodes) {
      if (!SameCallId(dialog, *other) &&
          (LeadsTo(dialog, *other) || LeadsTo(*other, dialog))) {
        found.nodes.push_back(other);
      }
    }
  }
  SortById(found.nodes);
  RETURN_IF_ERROR(clocks_.Know(found.nodes));
  return found;
}

TurnCandidates::LookUps TurnCandidates::AskedBy(const Node& dialog) {
  std::vector<LookUp> look_ups;
  for (const store::v1::DialogLink& link : dialog.dialog().links()) {
    const auto token = TokenAskedFor(link, dialog.dialog(), dialog.site());
    if (!token) continue;
    const int64_t within_ns = link.kind() == store::v1::LINK_KIND_REDIRECT
                                  ? policy_.redirect_ns
                                  : policy_.refer_ns;
    ASSIGN_OR_RETURN(
        const std::vector<TimeSpan> spans,
        ClockedSpans(dialog,
                     {link.time_ns() - policy_.hop_delay_ns,
                      link.time_ns() + within_ns + policy_.hop_delay_ns},
                     clocks_, policy_));
    for (const TimeSpan& span : spans) look_ups.push_back({*token, span});
  }
  return look_ups;
}

TurnCandidates::LookUps TurnCandidates::AskersOf(const Node& dialog) {
  std::vector<LookUp> look_ups;
  if (dialog.invite_ns == 0) return look_ups;
  const int64_t within_ns = std::max(policy_.refer_ns, policy_.redirect_ns);
  ASSIGN_OR_RETURN(
      const std::vector<TimeSpan> spans,
      ClockedSpans(dialog,
                   {dialog.invite_ns - within_ns - policy_.hop_delay_ns,
                    dialog.invite_ns + policy_.hop_delay_ns},
                   clocks_, policy_));
  for (const TimeSpan& span : spans) {
    // It may have begun at any time.
    for (const Token token :
         TurnTokens(dialog.dialog(), dialog.site(), span.from_ns, span.to_ns)) {
      look_ups.push_back({token, {0, kNever}});
    }
  }
  return look_ups;
}

absl::StatusOr<bool> TurnCandidates::Finds(const std::vector<LookUp>& look_ups,
                                           const Node& other) {
  for (const LookUp& look_up : look_ups) {
    ASSIGN_OR_RETURN(const ObservationIndex::Query* const query, Find(look_up));
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
  ASSIGN_OR_RETURN(const std::vector<LookUp> asked, AskedBy(dialog));
  RETURN_IF_ERROR(AddTurned(dialog, asked, &TurnCandidates::AskersOf, found));
  ASSIGN_OR_RETURN(const std::vector<LookUp> askers, AskersOf(dialog));
  RETURN_IF_ERROR(AddTurned(dialog, askers, &TurnCandidates::AskedBy, found));
  SortById(found.nodes);
  RETURN_IF_ERROR(clocks_.Know(found.nodes));
  return found;
}

absl::Status TurnCandidates::AddTurned(
    const Node& dialog, const std::vector<LookUp>& look_ups,
    LookUps (TurnCandidates::*look_back)(const Node&), Found& found) {
  for (const LookUp& look_up : look_ups) {
    ASSIGN_OR_RETURN(const ObservationIndex::Query* const query, Find(look_up));
    if (query->over) {
      ++crowded_tokens_;
      found.complete = false;
      continue;
    }
    const std::vector<ObservationId> ids = query->ids;
    for (const ObservationId& id : ids) {
      ASSIGN_OR_RETURN(const Node* const other, index_.Get(id));
      if (id == dialog.id || !IsCall(other)) continue;
      ASSIGN_OR_RETURN(const std::vector<LookUp> back,
                       (this->*look_back)(*other));
      ASSIGN_OR_RETURN(const bool found_back, Finds(back, dialog));
      if (found_back) found.nodes.push_back(other);
    }
  }
  return absl::OkStatus();
}

}  // namespace callbraid::collector
