#include "collector/calls/call_transfers.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace callbraid::collector {
namespace {

bool TakesAPlace(v1::EvidenceKind kind) {
  return kind == v1::EVIDENCE_KIND_REPLACES ||
         kind == v1::EVIDENCE_KIND_TRANSFER ||
         kind == v1::EVIDENCE_KIND_REDIRECT;
}

// Which leg each member is of: a dialog, or a stream that has one.
std::vector<std::optional<size_t>> LegsOfMembers(
    const Component& component, const std::vector<CallLeg>& legs,
    const std::vector<CallStream>& streams) {
  std::map<const Node*, size_t> leg_of;
  for (size_t i = 0; i < legs.size(); ++i) {
    for (const Node* node : legs[i].nodes) leg_of[node] = i;
  }
  for (const CallStream& stream : streams) {
    if (!stream.leg) continue;
    for (const StreamSighting& sighting : stream.sightings) {
      leg_of[sighting.node] = *stream.leg;
    }
  }
  std::vector<std::optional<size_t>> of_member(component.members.size());
  for (size_t i = 0; i < of_member.size(); ++i) {
    const auto found = leg_of.find(component.members[i]);
    if (found != leg_of.end()) of_member[i] = found->second;
  }
  return of_member;
}

// Two legs that have to do with each other.
struct Tie {
  size_t a = 0;  // The lower one.
  size_t b = 0;
  // It is known which way round: by who takes whose place.
  bool certain = false;
  bool turns = false;
  // How long one was set up after the other: legs that are set up together lie
  // the same way.
  int64_t apart_ns = 0;

  auto Order() const { return std::tuple(!certain, apart_ns, a, b, turns); }
};

std::vector<Tie> TiesOf(const Component& component,
                        const std::vector<CallLeg>& legs,
                        const std::vector<CallStream>& streams) {
  const auto leg_of = LegsOfMembers(component, legs, streams);
  std::vector<Tie> ties;
  for (const Edge& edge : component.edges) {
    const auto x = leg_of[edge.first];
    const auto y = leg_of[edge.second];
    if (!x || !y || *x == *y) continue;
    Tie& tie = ties.emplace_back();
    tie.a = std::min(*x, *y);
    tie.b = std::max(*x, *y);
    tie.certain = edge.evidence.kind == v1::EVIDENCE_KIND_REPLACES ||
                  edge.evidence.kind == v1::EVIDENCE_KIND_TRANSFER;
    tie.turns = edge.evidence.turns;
    tie.apart_ns = std::abs(legs[*x].start_ns - legs[*y].start_ns);
  }
  std::sort(ties.begin(), ties.end(),
            [](const Tie& x, const Tie& y) { return x.Order() < y.Order(); });
  return ties;
}

}  // namespace

void LinkLegs(const Component& component, std::vector<CallLeg>& legs) {
  const auto leg_of = LegsOfMembers(component, legs, {});
  // What says most of the place that is taken comes first.
  std::map<size_t, std::tuple<v1::EvidenceKind, size_t>> found;
  for (const Edge& edge : component.edges) {
    const auto x = leg_of[edge.first];
    const auto y = leg_of[edge.second];
    if (!TakesAPlace(edge.evidence.kind) || !x || !y || *x == *y) continue;
    const bool in_order =
        std::tuple(legs[*x].start_ns, *x) < std::tuple(legs[*y].start_ns, *y);
    const size_t earlier = in_order ? *x : *y;
    const size_t later = in_order ? *y : *x;
    const std::tuple candidate(edge.evidence.kind, earlier);
    const auto [it, added] = found.try_emplace(later, candidate);
    if (!added) it->second = std::min(it->second, candidate);
  }
  for (const auto& [leg, by] : found) legs[leg].continues = std::get<1>(by);
}

std::vector<bool> TurnedLegs(const Component& component,
                             const std::vector<CallLeg>& legs,
                             const std::vector<CallStream>& streams) {
  const std::vector<Tie> ties = TiesOf(component, legs, streams);
  std::vector<bool> turned(legs.size());
  std::vector<bool> known(legs.size());
  for (size_t start = 0; start < legs.size(); ++start) {
    if (known[start]) continue;
    known[start] = true;
    for (;;) {
      const auto next = std::find_if(
          ties.begin(), ties.end(),
          [&](const Tie& tie) { return known[tie.a] != known[tie.b]; });
      if (next == ties.end()) break;
      const size_t from = known[next->a] ? next->a : next->b;
      const size_t to = known[next->a] ? next->b : next->a;
      turned[to] = turned[from] != next->turns;
      known[to] = true;
    }
  }
  return turned;
}

}  // namespace callbraid::collector
