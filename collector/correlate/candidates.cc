#include "collector/correlate/candidates.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "collector/store/tokens.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kFirstTime = std::numeric_limits<int64_t>::min();
constexpr int64_t kLastTime = std::numeric_limits<int64_t>::max();
// Where a token is shared by too many, only those that start about then.
constexpr std::array<int64_t, 2> kNarrowerNs = {EvidencePolicy::kHour,
                                                60 * EvidencePolicy::kSecond};

bool Covers(const ObservationIndex::Query& query, const Node& node) {
  return node.first_ns >= query.from_ns && node.first_ns <= query.to_ns;
}

bool HasToken(const Node& node, const NodeToken& token) {
  return std::binary_search(node.tokens.begin(), node.tokens.end(), token);
}

bool HasLowerId(const Node* a, const Node* b) { return a->id < b->id; }

bool IsOf(TokenKind kind, Candidates::By by) {
  switch (by) {
    case Candidates::By::kDialog:
      return kind == TokenKind::kDialog;
    case Candidates::By::kContent:
      return kind == TokenKind::kFlow || kind == TokenKind::kPayload;
    case Candidates::By::kPair:
      return kind == TokenKind::kPair;
  }
  return false;
}

}  // namespace

bool Contains(const std::vector<const Node*>& nodes, const Node& node) {
  return std::binary_search(nodes.begin(), nodes.end(), &node, HasLowerId);
}

void Candidates::SortById(std::vector<const Node*>& nodes) {
  std::sort(nodes.begin(), nodes.end(), HasLowerId);
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
}

absl::StatusOr<Candidates::Reach> Candidates::ReachOf(const Node& node,
                                                      Token token) {
  ASSIGN_OR_RETURN(
      const ObservationIndex::Query* query,
      index_.Find(token, kFirstTime, kLastTime, policy_.max_candidates));
  if (!query->over) return Reach{query, true};
  for (const int64_t around_ns : kNarrowerNs) {
    ASSIGN_OR_RETURN(
        query, index_.Find(token, node.first_ns - around_ns,
                           node.first_ns + around_ns, policy_.max_candidates));
    if (!query->over) return Reach{query, false};
  }
  ++crowded_tokens_;
  return Reach{nullptr, false};
}

void Candidates::Reset() {
  dialogs_of_.clear();
  sharing_.clear();
  linked_.clear();
  groups_.clear();
  at_hub_.clear();
  turned_.clear();
}

absl::StatusOr<const Candidates::Found*> Candidates::Sharing(const Node& node,
                                                             By by) {
  const std::pair key(node.id, by);
  const auto known = sharing_.find(key);
  if (known != sharing_.end()) return &known->second;
  ASSIGN_OR_RETURN(Found found, Share(node, by));
  return &(sharing_[key] = std::move(found));
}

absl::StatusOr<Candidates::Found> Candidates::Share(const Node& node, By by) {
  Found found;
  for (const NodeToken& token : node.tokens) {
    if (!IsOf(token.kind, by)) continue;
    ASSIGN_OR_RETURN(const Reach reach, ReachOf(node, token.token));
    found.complete = found.complete && reach.complete;
    if (reach.query == nullptr) continue;
    // A copy: looking further may add to what is held.
    const std::vector<ObservationId> ids = reach.query->ids;
    for (const ObservationId& id : ids) {
      if (id == node.id) continue;
      ASSIGN_OR_RETURN(const Node* const other, index_.Get(id));
      if (other == nullptr || !HasToken(*other, token)) continue;
      if (!reach.complete) {
        ASSIGN_OR_RETURN(const Reach back, ReachOf(*other, token.token));
        if (back.query == nullptr || !Covers(*back.query, node)) continue;
      }
      found.nodes.push_back(other);
    }
  }
  SortById(found.nodes);
  return found;
}

absl::StatusOr<const ObservationIndex::Query*> Candidates::StreamQuery(
    const Node& dialog, Token token) {
  const int64_t before_ns =
      policy_.media_before_sdp_ns + policy_.clock_tolerance_ns +
      (dialog.dialog().began_before() ? policy_.answered_reach_ns : 0);
  return index_.Find(token, dialog.first_ns - before_ns,
                     ReachEnd(dialog, policy_) + policy_.media_after_end_ns +
                         policy_.clock_tolerance_ns,
                     policy_.max_endpoint_candidates);
}

absl::StatusOr<std::vector<SdpClaim>> Candidates::ClaimsWithin(
    const Node& stream, int64_t back_ns, int64_t ahead_ns) {
  std::vector<const Node*> dialogs;
  for (const NodeToken& token : stream.tokens) {
    if (token.kind != TokenKind::kEndpoint) continue;
    ASSIGN_OR_RETURN(const ObservationIndex::Query* const query,
                     index_.Find(token.token, stream.first_ns - back_ns,
                                 stream.first_ns + ahead_ns,
                                 policy_.max_endpoint_candidates));
    if (query->over) {
      ++crowded_tokens_;
      continue;
    }
    const std::vector<ObservationId> ids = query->ids;
    for (const ObservationId& id : ids) {
      ASSIGN_OR_RETURN(const Node* const other, index_.Get(id));
      if (other == nullptr || !other->is_dialog || !other->makes_call) continue;
      // The dialog must find the stream, too.
      ASSIGN_OR_RETURN(const ObservationIndex::Query* const back,
                       StreamQuery(*other, token.token));
      if (!back->over) dialogs.push_back(other);
    }
  }
  SortById(dialogs);
  std::vector<SdpClaim> claims;
  for (const Node* dialog : dialogs) {
    if (const auto claim = ClaimOn(*dialog, stream, policy_)) {
      claims.push_back(*claim);
    }
  }
  return ChooseClaims(stream, std::move(claims), policy_);
}

absl::StatusOr<const std::vector<SdpClaim>*> Candidates::DialogsOf(
    const Node& stream) {
  const auto known = dialogs_of_.find(stream.id);
  if (known != dialogs_of_.end()) return &known->second;
  const int64_t early_ns =
      policy_.media_before_sdp_ns + policy_.clock_tolerance_ns;
  ASSIGN_OR_RETURN(std::vector<SdpClaim> claims,
                   ClaimsWithin(stream, policy_.near_dialogs_ns, early_ns));
  if (claims.empty()) {
    ASSIGN_OR_RETURN(claims,
                     ClaimsWithin(stream, policy_.far_dialogs_ns, early_ns));
  }
  // A call that was under way when the capture began tells its endpoints only
  // when the session is refreshed.
  if (claims.empty()) {
    ASSIGN_OR_RETURN(claims,
                     ClaimsWithin(stream, policy_.media_before_sdp_ns,
                                  early_ns + policy_.answered_reach_ns));
  }
  return &(dialogs_of_[stream.id] = std::move(claims));
}

absl::StatusOr<std::vector<const Node*>> Candidates::StreamsNear(
    const Node& dialog) {
  std::vector<const Node*> streams;
  for (const NodeToken& token : dialog.tokens) {
    if (token.kind != TokenKind::kEndpoint) continue;
    ASSIGN_OR_RETURN(const ObservationIndex::Query* const query,
                     StreamQuery(dialog, token.token));
    if (query->over) continue;
    const std::vector<ObservationId> ids = query->ids;
    for (const ObservationId& id : ids) {
      ASSIGN_OR_RETURN(const Node* const other, index_.Get(id));
      if (other != nullptr && other->is_rtp()) streams.push_back(other);
    }
  }
  SortById(streams);
  return streams;
}

}  // namespace callbraid::collector
