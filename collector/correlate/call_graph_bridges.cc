#include <algorithm>
#include <set>
#include <utility>

#include "collector/correlate/call_graph.h"
#include "collector/evidence/leg_relation.h"
#include "collector/index/merged_others.h"
#include "common/base/status_macros.h"

// What numbers and times join: the part of CallGraph that puts components
// together.

namespace callbraid::collector {
namespace {

// Whether the call goes on from where `in` ends: by a leg, or by the same
// dialog at its next hop.
bool GoesOn(const Component& component, const Node& in,
            const EvidencePolicy& policy, const ClockTable& clocks) {
  return std::any_of(
      component.members.begin(), component.members.end(),
      [&](const Node* node) {
        return node->is_dialog && node != &in && LeadsTo(in, *node) &&
               RanTogether(in, *node, policy, clocks.Between(in, *node));
      });
}

// Whether anything leads to where `out` begins.
bool ComesFrom(const Component& component, const Node& out,
               const EvidencePolicy& policy, const ClockTable& clocks) {
  return std::any_of(
      component.members.begin(), component.members.end(),
      [&](const Node* node) {
        return node->is_dialog && node != &out && LeadsTo(*node, out) &&
               RanTogether(*node, out, policy, clocks.Between(*node, out));
      });
}

bool AreOpen(const Component& here, const Node& a, const Component& there,
             const Node& b, const EvidencePolicy& policy,
             const ClockTable& clocks) {
  bool a_first = LeadsTo(a, b);
  if (a_first && LeadsTo(b, a)) {
    a_first = a.invite_ns + clocks.Between(a, b).offset_ns <= b.invite_ns;
  }
  return a_first ? !GoesOn(here, a, policy, clocks) &&
                       !ComesFrom(there, b, policy, clocks)
                 : !ComesFrom(here, a, policy, clocks) &&
                       !GoesOn(there, b, policy, clocks);
}

// Adds what is in `from` to `to`.
void Append(const Component& from, Component& to) {
  const size_t offset = to.members.size();
  to.members.insert(to.members.end(), from.members.begin(), from.members.end());
  for (Edge edge : from.edges) {
    edge.first += offset;
    edge.second += offset;
    to.edges.push_back(std::move(edge));
  }
}

size_t PlaceOf(const Component& component, const Node* node) {
  return static_cast<size_t>(
      std::find(component.members.begin(), component.members.end(), node) -
      component.members.begin());
}

}  // namespace

absl::StatusOr<std::vector<CallGraph::Bridge>> CallGraph::BridgesOf(
    const Base& base) {
  std::vector<Bridge> bridges;
  for (const Node* here : base.component.members) {
    if (!here->is_dialog || !here->makes_call) continue;
    ASSIGN_OR_RETURN(const Candidates::Found* const found, turns_.AtHub(*here));
    for (const Node* there : found->nodes) {
      ASSIGN_OR_RETURN(const Candidates::Found* const theirs,
                       turns_.AtHub(*there));
      // Who is not found in turn is in a crowd there.
      if (!Contains(theirs->nodes, *here)) continue;
      const MergedOthers merged(*found, *theirs);
      ASSIGN_OR_RETURN(const ClockRelation clock, Relate(*here, *there));
      auto evidence = NumbersAndTime(*here, *there, merged.others(), policy_,
                                     clocks_.known());
      if (!evidence) continue;
      ASSIGN_OR_RETURN(const Base* const other, BaseOf(*there));
      if (other == &base || !other->whole) continue;
      RETURN_IF_ERROR(clocks_.Know(base.component.members));
      RETURN_IF_ERROR(clocks_.Know(other->component.members));
      if (!AreOpen(base.component, *here, other->component, *there, policy_,
                   clocks_.known())) {
        continue;
      }
      evidence->clock = ByName(*here, *there, clock);
      bridges.push_back({here, there, *std::move(evidence)});
    }
  }
  return bridges;
}

absl::StatusOr<Component> CallGraph::Bridged(const Node& start) {
  ASSIGN_OR_RETURN(const Base* const base, BaseOf(start));
  if (!base->whole) return base->component;
  std::vector<const Base*> bases = {base};
  std::vector<Bridge> bridges;
  std::set<std::pair<ObservationId, ObservationId>> known;
  size_t members = base->component.members.size();
  for (size_t i = 0; i < bases.size(); ++i) {
    ASSIGN_OR_RETURN(std::vector<Bridge> more, BridgesOf(*bases[i]));
    for (Bridge& bridge : more) {
      if (!known.insert(std::minmax(bridge.here->id, bridge.there->id))
               .second) {
        continue;
      }
      ASSIGN_OR_RETURN(const Base* const other, BaseOf(*bridge.there));
      if (std::find(bases.begin(), bases.end(), other) == bases.end()) {
        bases.push_back(other);
        members += other->component.members.size();
      }
      // Whoever asks finds it too large, and so stands without bridges.
      if (members > policy_.max_members) return base->component;
      bridges.push_back(std::move(bridge));
    }
  }
  if (bases.size() == 1) return base->component;
  Component component;
  for (const Base* part : bases) Append(part->component, component);
  for (Bridge& bridge : bridges) {
    component.edges.push_back({PlaceOf(component, bridge.here),
                               PlaceOf(component, bridge.there),
                               std::move(bridge.evidence)});
  }
  Arrange(component);
  return component;
}

}  // namespace callbraid::collector
