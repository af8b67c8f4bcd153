#include "collector/calls/call_legs.h"

#include <algorithm>
#include <map>
#include <utility>

#include "collector/evidence/lag.h"
#include "collector/store/observation_identity.h"
#include "collector/store/proto_time.h"
#include "common/base/disjoint_sets.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxChained = 64;

void Earliest(int64_t& time_ns, int64_t candidate_ns) {
  if (time_ns == 0 || candidate_ns < time_ns) time_ns = candidate_ns;
}

// The reason that says most wins where capture points differ: one that missed
// the BYE knows nothing of it.
int Weight(v1::EndReason reason) {
  switch (reason) {
    case v1::END_REASON_BYE:
      return 3;
    case v1::END_REASON_CANCELLED:
      return 2;
    case v1::END_REASON_REFUSED:
      return 1;
    default:
      return 0;
  }
}

// Who `dialog` says ended it, as the best observation of the leg has the sides:
// one that began within the dialog takes the first that it saw send a request
// for the initiator.
v1::Side EndedBy(const CallLeg& leg,
                 const store::v1::DialogObservation& dialog) {
  const auto& best = leg.best->dialog();
  const bool swapped = dialog.from_tag() != best.from_tag() &&
                       (dialog.from_tag() == best.answered_tag() ||
                        std::find(best.to_tags().begin(), best.to_tags().end(),
                                  dialog.from_tag()) != best.to_tags().end());
  return swapped ? OppositeOf(dialog.ended_by()) : dialog.ended_by();
}

// By the first that was seen of the end; two requests cross where both hang up
// at once, and each capture point may see another one first.
void FindWhoEnded(const SensorClocks& clocks, CallLeg& leg) {
  if (leg.end_ns == 0) return;
  std::map<v1::Side, int64_t> first;
  for (const Node* node : leg.nodes) {
    const auto& dialog = node->dialog();
    const v1::Side side = EndedBy(leg, dialog);
    if (dialog.end_time_ns() == 0 || side == v1::SIDE_UNSPECIFIED ||
        dialog.end_reason() != leg.end_reason) {
      continue;
    }
    Earliest(first[side], clocks.Align(node->sensor(), dialog.end_time_ns()));
  }
  if (first.empty()) return;
  const auto [a, a_ns] = *first.begin();
  const auto [b, b_ns] = *first.rbegin();
  if (a == b) {
    leg.ended_by = a;
  } else if (std::max(a_ns, b_ns) - std::min(a_ns, b_ns) > kAtOnceNs) {
    leg.ended_by = a_ns < b_ns ? a : b;
  }
}

CallLeg MakeLeg(std::vector<const Node*> nodes, const SensorClocks& clocks) {
  CallLeg leg;
  leg.nodes = std::move(nodes);
  leg.best = leg.nodes.front();
  for (const Node* node : leg.nodes) {
    const auto& dialog = node->dialog();
    const auto take = [&](int64_t& into, int64_t time_ns) {
      if (time_ns != 0) Earliest(into, clocks.Align(node->sensor(), time_ns));
    };
    take(leg.invite_ns, dialog.invite_time_ns());
    take(leg.ringing_ns, dialog.ringing_time_ns());
    take(leg.answer_ns, dialog.answer_time_ns());
    take(leg.start_ns, std::max<int64_t>(1, node->first_ns));
    if (Weight(dialog.end_reason()) > Weight(leg.end_reason)) {
      leg.end_reason = dialog.end_reason();
      leg.end_ns = 0;
    }
    if (dialog.end_reason() == leg.end_reason) {
      take(leg.end_ns, dialog.end_time_ns());
    }
    leg.final_status = std::max(leg.final_status, dialog.final_status());
    // The first that was said; later ones answer it.
    if (leg.release_cause == 0 && leg.release_reason.empty()) {
      leg.release_cause = dialog.release_cause();
      leg.release_reason = dialog.release_reason();
    }
    if (leg.best->dialog().began_before() && !dialog.began_before()) {
      leg.best = node;
    }
  }
  if (leg.invite_ns != 0) leg.start_ns = leg.invite_ns;
  FindWhoEnded(clocks, leg);
  return leg;
}

// One leg: the same two hosts (of one site: others have the same addresses), or
// the same messages where an address translator changed these.
bool IsSameLeg(const Node& a, const Node& b) {
  return (a.site() == b.site() &&
          MakeSignallingPair(a.initiator, a.responder) ==
              MakeSignallingPair(b.initiator, b.responder)) ||
         !MarkLags(a, b).empty();
}

bool Follows(const CallLeg& leg, const CallLeg& before,
             const EvidencePolicy& policy) {
  const Node& next = *leg.best;
  const Node& first = *before.best;
  return first.responder.address == next.initiator.address &&
         first.initiator.address != next.responder.address &&
         before.start_ns <= leg.start_ns + policy.clock_tolerance_ns;
}

bool Earlier(const CallLeg& a, const CallLeg& b) {
  if (a.start_ns != b.start_ns) return a.start_ns < b.start_ns;
  return a.nodes.front()->id < b.nodes.front()->id;
}

std::vector<CallLeg> InOrder(std::vector<CallLeg> legs,
                             const EvidencePolicy& policy) {
  std::sort(legs.begin(), legs.end(), Earlier);
  // No call has so many; what looks like one is not worth the search.
  if (legs.size() > kMaxChained) return legs;
  std::vector<CallLeg> ordered;
  while (!legs.empty()) {
    // The earliest that follows none of the others; in a circle, the earliest.
    size_t next = 0;
    for (size_t i = 0; i < legs.size(); ++i) {
      bool follows = false;
      for (size_t j = 0; j < legs.size() && !follows; ++j) {
        follows = j != i && Follows(legs[i], legs[j], policy);
      }
      if (!follows) {
        next = i;
        break;
      }
    }
    ordered.push_back(std::move(legs[next]));
    legs.erase(legs.begin() + next);
  }
  return ordered;
}

v1::CallState StateOf(const CallLeg& leg, bool call_over) {
  if (leg.end_ns != 0 || call_over) {
    return leg.answered() || leg.best->dialog().began_before()
               ? v1::CALL_STATE_COMPLETED
               : v1::CALL_STATE_UNANSWERED;
  }
  if (leg.answered() || leg.best->dialog().began_before()) {
    return v1::CALL_STATE_ACTIVE;
  }
  return leg.ringing_ns != 0 ? v1::CALL_STATE_RINGING : v1::CALL_STATE_SETUP;
}

}  // namespace

std::vector<CallLeg> FindLegs(const Component& component,
                              const SensorClocks& clocks,
                              const EvidencePolicy& policy) {
  const auto& members = component.members;
  DisjointSets sets(members.size());
  for (const Edge& edge : component.edges) {
    if (edge.evidence.kind == v1::EVIDENCE_KIND_SAME_DIALOG &&
        IsSameLeg(*members[edge.first], *members[edge.second])) {
      sets.Join(edge.first, edge.second);
    }
  }
  std::map<size_t, std::vector<const Node*>> grouped;
  for (size_t i = 0; i < members.size(); ++i) {
    if (members[i]->is_dialog) grouped[sets.Find(i)].push_back(members[i]);
  }
  std::vector<CallLeg> legs;
  for (auto& [set, nodes] : grouped) {
    legs.push_back(MakeLeg(std::move(nodes), clocks));
  }
  return InOrder(std::move(legs), policy);
}

v1::Leg ToProto(const CallLeg& leg, const std::vector<CallLeg>& legs,
                bool call_over) {
  const auto& dialog = leg.best->dialog();
  v1::Leg proto;
  proto.set_id(leg.nodes.front()->id.ToHex());
  proto.set_call_id(dialog.call_id());
  proto.set_from_tag(dialog.from_tag());
  proto.set_protocol(dialog.protocol() == v1::SIGNALLING_PROTOCOL_UNSPECIFIED
                         ? v1::SIGNALLING_PROTOCOL_SIP
                         : dialog.protocol());
  for (const Node* node : leg.nodes) {
    const auto& seen = node->dialog();
    if (!seen.answered_tag().empty()) proto.set_to_tag(seen.answered_tag());
  }
  if (proto.to_tag().empty() && dialog.to_tags_size() > 0) {
    proto.set_to_tag(dialog.to_tags(0));
  }
  proto.set_caller_uri(dialog.from_uri());
  proto.set_callee_uri(dialog.to_uri());
  proto.set_source(leg.best->initiator.ToString());
  proto.set_destination(leg.best->responder.ToString());
  proto.set_state(StateOf(leg, call_over));
  *proto.mutable_start_time() = ToTimestamp(leg.start_ns);
  if (leg.answer_ns != 0) {
    *proto.mutable_answer_time() = ToTimestamp(leg.answer_ns);
  }
  if (leg.end_ns != 0) *proto.mutable_end_time() = ToTimestamp(leg.end_ns);
  proto.set_end_reason(leg.end_reason);
  proto.set_final_status(leg.final_status);
  if (leg.ringing_ns != 0) {
    *proto.mutable_ringing_time() = ToTimestamp(leg.ringing_ns);
  }
  proto.set_ended_by(leg.ended_by);
  proto.set_release_cause(leg.release_cause);
  proto.set_release_reason(leg.release_reason);
  if (leg.continues) {
    proto.set_continues(legs[*leg.continues].nodes.front()->id.ToHex());
  }
  for (const Node* node : leg.nodes) {
    v1::LegObservation& seen = *proto.add_observations();
    seen.set_id(node->id.ToHex());
    seen.set_sensor(node->sensor());
    seen.set_site(node->site());
    seen.set_capture_point(node->capture_point());
    seen.set_messages(node->dialog().messages());
    *seen.mutable_first_time() = ToTimestamp(node->first_ns);
    *seen.mutable_last_time() = ToTimestamp(node->last_ns);
  }
  return proto;
}

}  // namespace callbraid::collector
