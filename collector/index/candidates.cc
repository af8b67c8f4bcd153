#include "collector/index/candidates.h"

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
    case Candidates::By::kReception:
      return kind == TokenKind::kReception;
  }
  return false;
}

}  // namespace

bool Contains(const std::vector<const Node*>& nodes, const Node& node) {
  return std::binary_search(nodes.begin(), nodes.end(), &node, HasLowerId);
}

void SortById(std::vector<const Node*>& nodes) {
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

void Candidates::Reset() { sharing_.clear(); }

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

}  // namespace callbraid::collector
