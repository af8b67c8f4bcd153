#include "collector/correlate/call_graph.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Which nodes have a token in common with `a` or `b`.
Others OthersOf(const Candidates::Found& a, const Candidates::Found& b,
                std::vector<const Node*>& merged) {
  merged.clear();
  std::set_union(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(),
                 std::back_inserter(merged),
                 [](const Node* x, const Node* y) { return x->id < y->id; });
  return {merged, a.complete && b.complete};
}

bool IsContent(const Evidence& evidence) {
  return !evidence.yields_to_signalling &&
         (evidence.kind == v1::EVIDENCE_KIND_SAME_DIALOG ||
          evidence.kind == v1::EVIDENCE_KIND_SAME_RTP);
}

// Puts members in order and edges with them.
void Arrange(Component& component) {
  std::vector<size_t> order(component.members.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t x, size_t y) {
    return Before(*component.members[x], *component.members[y]);
  });
  std::vector<size_t> place(order.size());
  std::vector<const Node*> members;
  members.reserve(order.size());
  for (size_t i = 0; i < order.size(); ++i) {
    place[order[i]] = i;
    members.push_back(component.members[order[i]]);
  }
  component.members = std::move(members);
  for (Edge& edge : component.edges) {
    const size_t x = place[edge.first];
    const size_t y = place[edge.second];
    edge.first = std::min(x, y);
    edge.second = std::max(x, y);
  }
  std::sort(component.edges.begin(), component.edges.end(),
            [](const Edge& a, const Edge& b) {
              return std::pair(a.first, a.second) <
                     std::pair(b.first, b.second);
            });
}

}  // namespace

CallGraph::CallGraph(ObservationIndex& index, const EvidencePolicy& policy)
    : policy_(policy), candidates_(index, policy) {}

void CallGraph::Reset() {
  candidates_.Reset();
  too_large_.clear();
}

absl::StatusOr<Component> CallGraph::ComponentOf(const Node& start) {
  Component component;
  if (!start.makes_call) {
    component.members = {&start};
    return component;
  }
  for (const Scope scope : {Scope::kAll, Scope::kContent}) {
    component = Component();
    ASSIGN_OR_RETURN(const bool fits, Explore(start, scope, component));
    if (fits) {
      Arrange(component);
      return component;
    }
    ++too_large_count_;
  }
  component = Component();
  component.members = {&start};
  return component;
}

absl::StatusOr<bool> CallGraph::Explore(const Node& start, Scope scope,
                                        Component& component) {
  absl::flat_hash_map<const Node*, size_t> place = {{&start, 0}};
  component.members = {&start};
  bool fits = scope != Scope::kAll || !too_large_.contains(start.id);
  for (size_t i = 0; fits && i < component.members.size(); ++i) {
    ASSIGN_OR_RETURN(std::vector<Neighbour> neighbours,
                     NeighboursOf(*component.members[i]));
    for (Neighbour& neighbour : neighbours) {
      if (scope == Scope::kContent && !IsContent(neighbour.evidence)) continue;
      if (scope == Scope::kAll && too_large_.contains(neighbour.node->id)) {
        fits = false;
        break;
      }
      const auto [it, is_new] =
          place.try_emplace(neighbour.node, component.members.size());
      if (is_new) component.members.push_back(neighbour.node);
      // The other end's turn is over: it has this edge already.
      if (!is_new && it->second < i) continue;
      component.edges.push_back({i, it->second, std::move(neighbour.evidence)});
    }
    fits = fits && component.members.size() <= policy_.max_members;
  }
  if (!fits && scope == Scope::kAll) {
    for (const Node* node : component.members) too_large_.insert(node->id);
  }
  return fits;
}

absl::StatusOr<std::vector<CallGraph::Neighbour>> CallGraph::NeighboursOf(
    const Node& node) {
  std::vector<Neighbour> neighbours;
  if (!node.makes_call) return neighbours;
  if (node.is_rtp()) {
    RETURN_IF_ERROR(AddSdp(node, nullptr, neighbours));
    RETURN_IF_ERROR(AddStreams(node, neighbours));
    return neighbours;
  }
  RETURN_IF_ERROR(AddDialogs(node, neighbours));
  ASSIGN_OR_RETURN(const std::vector<const Node*> streams,
                   candidates_.StreamsNear(node));
  for (const Node* stream : streams) {
    RETURN_IF_ERROR(AddSdp(*stream, &node, neighbours));
  }
  return neighbours;
}

// `only` null: the dialogs of `stream`. Else: `stream`, if `only` is one.
absl::Status CallGraph::AddSdp(const Node& stream, const Node* only,
                               std::vector<Neighbour>& out) {
  ASSIGN_OR_RETURN(const std::vector<SdpClaim>* const claims,
                   candidates_.DialogsOf(stream));
  for (const SdpClaim& claim : *claims) {
    if (only != nullptr && claim.dialog != only) continue;
    out.push_back({only == nullptr ? claim.dialog : &stream,
                   EvidenceOf(claim, stream, policy_)});
  }
  return absl::OkStatus();
}

absl::Status CallGraph::AddDialogs(const Node& node,
                                   std::vector<Neighbour>& out) {
  using By = Candidates::By;
  ASSIGN_OR_RETURN(const Candidates::Found* const found,
                   candidates_.Sharing(node, By::kDialog));
  std::vector<const Node*> merged;
  for (const Node* other : found->nodes) {
    if (!other->is_dialog || !other->makes_call) continue;
    ASSIGN_OR_RETURN(const Candidates::Found* const theirs,
                     candidates_.Sharing(*other, By::kDialog));
    const Others others = OthersOf(*found, *theirs, merged);
    if (auto evidence = SameDialog(node, *other, others.nodes, policy_)) {
      out.push_back({other, *std::move(evidence)});
    }
  }
  return absl::OkStatus();
}

absl::Status CallGraph::AddStreams(const Node& node,
                                   std::vector<Neighbour>& out) {
  using By = Candidates::By;
  ASSIGN_OR_RETURN(const Candidates::Found* const content,
                   candidates_.Sharing(node, By::kContent));
  ASSIGN_OR_RETURN(const Candidates::Found* const pair,
                   candidates_.Sharing(node, By::kPair));
  std::vector<const Node*> merged;
  std::vector<const Node*> candidates;
  OthersOf(*content, *pair, candidates);
  for (const Node* other : candidates) {
    if (other->is_dialog) continue;
    std::optional<Evidence> evidence = ReverseFlow(node, *other, policy_);
    if (!evidence) {
      // Only what has content in common can be more than that.
      ASSIGN_OR_RETURN(const Candidates::Found* const theirs,
                       candidates_.Sharing(*other, By::kContent));
      const Others others = OthersOf(*content, *theirs, merged);
      evidence = SameRtp(node, *other, others, policy_);
      if (!evidence) evidence = RelayedPayload(node, *other, others, policy_);
    }
    if (!evidence) continue;
    if (evidence->yields_to_signalling) {
      ASSIGN_OR_RETURN(const std::vector<SdpClaim>* const mine,
                       candidates_.DialogsOf(node));
      ASSIGN_OR_RETURN(const std::vector<SdpClaim>* const theirs,
                       candidates_.DialogsOf(*other));
      if (!MayShareDialog(*mine, *theirs)) continue;
    }
    out.push_back({other, *std::move(evidence)});
  }
  return absl::OkStatus();
}

absl::Status CallGraph::AddAffected(const Node& node,
                                    std::vector<ObservationId>& ids) {
  if (!node.makes_call) return absl::OkStatus();
  std::vector<const Node*> affected;
  if (node.is_rtp()) {
    ASSIGN_OR_RETURN(const Candidates::Found* const found,
                     candidates_.Sharing(node, Candidates::By::kContent));
    affected = found->nodes;
  } else {
    ASSIGN_OR_RETURN(const Candidates::Found* const found,
                     candidates_.Sharing(node, Candidates::By::kDialog));
    ASSIGN_OR_RETURN(affected, candidates_.StreamsNear(node));
    affected.insert(affected.end(), found->nodes.begin(), found->nodes.end());
  }
  for (const Node* other : affected) ids.push_back(other->id);
  return absl::OkStatus();
}

}  // namespace callbraid::collector
