#include "collector/correlate/call_graph.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "collector/clocks/clock_survey.h"
#include "collector/evidence/leg_relation.h"
#include "collector/index/merged_others.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// The groups of what two nodes carry.
class PairGroups final : public LinkGroups {
 public:
  PairGroups(const Node& a, const LinkCandidates::Linked& linked_to_a,
             const LinkCandidates::Linked& linked_to_b)
      : a_(a), linked_to_a_(linked_to_a), linked_to_b_(linked_to_b) {}

  const LinkGroup* Find(Token token, const Node& of) const override {
    const auto& groups = (&of == &a_ ? linked_to_a_ : linked_to_b_).groups;
    const auto found = std::lower_bound(
        groups.begin(), groups.end(), token,
        [](const auto& group, Token value) { return group.first < value; });
    return found == groups.end() || found->first != token ? nullptr
                                                          : found->second;
  }

 private:
  const Node& a_;
  const LinkCandidates::Linked& linked_to_a_;
  const LinkCandidates::Linked& linked_to_b_;
};

bool IsContent(const Evidence& evidence) {
  return !evidence.yields_to_signalling &&
         (evidence.kind == v1::EVIDENCE_KIND_SAME_DIALOG ||
          evidence.kind == v1::EVIDENCE_KIND_SAME_RTP);
}

}  // namespace

CallGraph::CallGraph(ObservationIndex& index, FactStore& facts,
                     const EvidencePolicy& policy)
    : policy_(policy),
      candidates_(index, policy),
      samples_(index, candidates_, policy),
      clocks_(samples_, facts),
      sdp_(index, clocks_, policy),
      links_(index, clocks_, policy),
      turns_(index, clocks_, policy) {}

absl::StatusOr<ClockRelation> CallGraph::Relate(const Node& a, const Node& b) {
  const Node* const both[] = {&a, &b};
  RETURN_IF_ERROR(clocks_.Know(both));
  return clocks_.known().Between(a, b);
}

absl::StatusOr<std::map<std::string, v1::SensorClock>> CallGraph::SurveyClocks(
    const std::vector<v1::Sensor>& sensors) {
  return ClockSurvey(samples_, candidates_, policy_).Take(sensors);
}

absl::StatusOr<Component> CallGraph::ComponentOf(const Node& start) {
  ASSIGN_OR_RETURN(Component component, Bridged(start));
  RETURN_IF_ERROR(AddReceptions(component));
  return component;
}

void CallGraph::Reset() {
  candidates_.Reset();
  ResetClocked();
}

void CallGraph::ResetClocked() {
  sdp_.Reset();
  links_.Reset();
  turns_.Reset();
  too_large_.clear();
  base_of_.clear();
  bases_.clear();
}

absl::StatusOr<const CallGraph::Base*> CallGraph::BaseOf(const Node& start) {
  const auto known = base_of_.find(&start);
  if (known != base_of_.end()) return known->second;
  ASSIGN_OR_RETURN(Base found, FindBase(start));
  const Base& base = bases_.emplace_back(std::move(found));
  for (const Node* node : base.component.members) base_of_[node] = &base;
  return &base;
}

absl::StatusOr<CallGraph::Base> CallGraph::FindBase(const Node& start) {
  Base base;
  if (!start.makes_call) {
    base.component.members = {&start};
    return base;
  }
  for (const Scope scope : {Scope::kAll, Scope::kContent}) {
    base.component = Component();
    ASSIGN_OR_RETURN(const bool fits, Explore(start, scope, base.component));
    if (fits) {
      Arrange(base.component);
      base.whole = scope == Scope::kAll;
      return base;
    }
    ++too_large_count_;
  }
  base.component = Component();
  base.component.members = {&start};
  return base;
}

absl::Status CallGraph::AddReceptions(Component& component) {
  std::vector<const Node*>& receptions = component.receptions;
  for (const Node* member : component.members) {
    if (!member->is_rtp()) continue;
    ASSIGN_OR_RETURN(const Candidates::Found* const found,
                     candidates_.Sharing(*member, Candidates::By::kReception));
    for (const Node* other : found->nodes) {
      if (other->is_reception) receptions.push_back(other);
    }
  }
  std::sort(receptions.begin(), receptions.end(),
            [](const Node* a, const Node* b) { return a->id < b->id; });
  receptions.erase(std::unique(receptions.begin(), receptions.end()),
                   receptions.end());
  return absl::OkStatus();
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
  RETURN_IF_ERROR(AddLinks(node, neighbours));
  ASSIGN_OR_RETURN(const std::vector<const Node*> streams,
                   sdp_.StreamsNear(node));
  for (const Node* stream : streams) {
    RETURN_IF_ERROR(AddSdp(*stream, &node, neighbours));
  }
  return neighbours;
}

void CallGraph::Add(const Node& node, const Node& other,
                    const ClockRelation& clock,
                    std::optional<Evidence> evidence,
                    std::vector<Neighbour>& out) {
  if (!evidence) return;
  evidence->clock = ByName(node, other, clock);
  out.push_back({&other, *std::move(evidence)});
}

// `only` null: the dialogs of `stream`. Else: `stream`, if `only` is one.
absl::Status CallGraph::AddSdp(const Node& stream, const Node* only,
                               std::vector<Neighbour>& out) {
  ASSIGN_OR_RETURN(const std::vector<SdpClaim>* const claims,
                   sdp_.DialogsOf(stream));
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
  for (const Node* other : found->nodes) {
    if (!other->is_dialog || !other->makes_call) continue;
    ASSIGN_OR_RETURN(const Candidates::Found* const theirs,
                     candidates_.Sharing(*other, By::kDialog));
    const MergedOthers merged(*found, *theirs);
    ASSIGN_OR_RETURN(const ClockRelation clock, Relate(node, *other));
    Add(node, *other, clock,
        SameDialog(node, *other, merged.others().nodes, policy_, clock), out);
  }
  return absl::OkStatus();
}

absl::Status CallGraph::AddLinks(const Node& node,
                                 std::vector<Neighbour>& out) {
  ASSIGN_OR_RETURN(const LinkCandidates::Linked* const linked,
                   links_.LinkedTo(node));
  ASSIGN_OR_RETURN(const Candidates::Found* const turned, turns_.Turned(node));
  for (const Node* other : linked->nodes) {
    const bool same_call_id = SameCallId(node, *other);
    if (same_call_id && !AreControlledTogether(node, *other)) continue;
    ASSIGN_OR_RETURN(const LinkCandidates::Linked* const theirs,
                     links_.LinkedTo(*other));
    // Who finds but is not found has another window.
    if (!Contains(theirs->nodes, node)) continue;
    const PairGroups groups(node, *linked, *theirs);
    ASSIGN_OR_RETURN(const ClockRelation clock, Relate(node, *other));
    const auto add = [&](std::optional<Evidence> evidence) {
      Add(node, *other, clock, std::move(evidence), out);
    };
    add(ControlledCall(node, *other, policy_, clock));
    if (same_call_id) continue;
    add(SessionId(node, *other, groups, policy_, clock));
    add(ChargingVector(node, *other, groups, policy_, clock));
    add(CiscoGuid(node, *other, groups, policy_, clock));
    add(LinkHeader(node, *other, groups, policy_, clock));
    add(SdpOrigin(node, *other, groups, policy_, clock));
    add(Replaces(node, *other, policy_, clock));
  }
  for (const Node* other : turned->nodes) {
    ASSIGN_OR_RETURN(const Candidates::Found* const theirs,
                     turns_.Turned(*other));
    const MergedOthers merged(*turned, *theirs);
    ASSIGN_OR_RETURN(const ClockRelation clock, Relate(node, *other));
    const auto add = [&](std::optional<Evidence> evidence) {
      Add(node, *other, clock, std::move(evidence), out);
    };
    const ClockTable& clocks = clocks_.known();
    add(Transfer(node, *other, merged.others(), policy_, clocks));
    add(Redirect(node, *other, merged.others(), policy_, clocks));
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
  const MergedOthers candidates(*content, *pair);
  for (const Node* other : candidates.others().nodes) {
    if (other->is_dialog) continue;
    ASSIGN_OR_RETURN(const ClockRelation clock, Relate(node, *other));
    std::optional<Evidence> evidence =
        ReverseFlow(node, *other, policy_, clock);
    if (!evidence) {
      // Only what has content in common can be more than that.
      ASSIGN_OR_RETURN(const Candidates::Found* const theirs,
                       candidates_.Sharing(*other, By::kContent));
      const MergedOthers merged(*content, *theirs);
      evidence = SameRtp(node, *other, merged.others(), policy_, clock);
      if (!evidence) {
        evidence =
            RelayedPayload(node, *other, merged.others(), policy_, clock);
      }
    }
    if (evidence && evidence->yields_to_signalling) {
      ASSIGN_OR_RETURN(const std::vector<SdpClaim>* const mine,
                       sdp_.DialogsOf(node));
      ASSIGN_OR_RETURN(const std::vector<SdpClaim>* const theirs,
                       sdp_.DialogsOf(*other));
      if (!MayShareDialog(*mine, *theirs)) continue;
    }
    Add(node, *other, clock, std::move(evidence), out);
  }
  return absl::OkStatus();
}

absl::Status CallGraph::AddAffected(const Node& node,
                                    std::vector<ObservationId>& ids) {
  std::vector<const Node*> affected;
  if (node.is_reception) {
    ASSIGN_OR_RETURN(const Candidates::Found* const found,
                     candidates_.Sharing(node, Candidates::By::kReception));
    affected = found->nodes;
  } else if (!node.makes_call) {
    return absl::OkStatus();
  } else if (node.is_rtp()) {
    ASSIGN_OR_RETURN(const Candidates::Found* const found,
                     candidates_.Sharing(node, Candidates::By::kContent));
    affected = found->nodes;
  } else {
    ASSIGN_OR_RETURN(const Candidates::Found* const found,
                     candidates_.Sharing(node, Candidates::By::kDialog));
    ASSIGN_OR_RETURN(affected, sdp_.StreamsNear(node));
    affected.insert(affected.end(), found->nodes.begin(), found->nodes.end());
    ASSIGN_OR_RETURN(const LinkCandidates::Linked* const linked,
                     links_.LinkedTo(node));
    ASSIGN_OR_RETURN(const Candidates::Found* const turned,
                     turns_.Turned(node));
    ASSIGN_OR_RETURN(const Candidates::Found* const at_hub, turns_.AtHub(node));
    for (const auto* more : {&linked->nodes, &turned->nodes, &at_hub->nodes}) {
      affected.insert(affected.end(), more->begin(), more->end());
    }
    RETURN_IF_ERROR(links_.AddWatching(node, ids));
    RETURN_IF_ERROR(turns_.AddWatching(node, ids));
  }
  for (const Node* other : affected) ids.push_back(other->id);
  return absl::OkStatus();
}

}  // namespace callbraid::collector
