#include "collector/evidence/link_group.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "collector/evidence/leg_relation.h"
#include "collector/evidence/party_match.h"
#include "collector/store/tokens.h"

namespace callbraid::collector {
namespace {

using store::v1::DialogLink;
using store::v1::LinkKind;

bool IsPlacedByAnother(const Node& node) {
  return std::any_of(node.dialog().links().begin(), node.dialog().links().end(),
                     [](const DialogLink& link) {
                       return link.kind() == store::v1::LINK_KIND_REPLACES ||
                              link.kind() == store::v1::LINK_KIND_JOIN ||
                              link.kind() ==
                                  store::v1::LINK_KIND_TARGET_DIALOG ||
                              link.kind() == store::v1::LINK_KIND_REFERRED_BY;
                     });
}

bool IsFocus(const Node& node) {
  return node.dialog().initiator_is_focus() ||
         node.dialog().responder_is_focus();
}

// Whether the host that the two have in common says of both that it is a
// conference. What the other end says does not count.
bool AreOfOneFocus(const Node& a, const Node& b, LegRelation relation) {
  const store::v1::DialogObservation& x = a.dialog();
  const store::v1::DialogObservation& y = b.dialog();
  const bool in = x.responder_is_focus() && y.responder_is_focus();
  const bool out = x.initiator_is_focus() && y.initiator_is_focus();
  return (relation == LegRelation::kMeeting && in) ||
         (relation == LegRelation::kBranches && out) ||
         (relation == LegRelation::kParallel && (in || out));
}

using Nodes = std::vector<const Node*>;

template <typename Test>
bool AnyPair(const Nodes& a, const Nodes& b, Test test) {
  for (const Node* x : a) {
    for (const Node* y : b) {
      if (test(*x, *y)) return true;
    }
  }
  return false;
}

// Whether two dialogs were there at one time, by all that was seen of them.
// What one clock shows of both goes before what two do: these leave more open
// than there is between one call of a phone and the next.
bool RanTogether(const Nodes& a, const Nodes& b, const EvidencePolicy& policy,
                 const ClockTable& clocks) {
  const bool by_one_clock = AnyPair(a, b, SameSensor);
  return AnyPair(a, b, [&](const Node& x, const Node& y) {
    return (!by_one_clock || SameSensor(x, y)) &&
           RanTogether(x, y, policy, clocks.Between(x, y));
  });
}

// Where a dialog comes in that several places saw, hop by hop.
Nodes EntriesOf(const Nodes& nodes) {
  Nodes entries;
  std::copy_if(nodes.begin(), nodes.end(), std::back_inserter(entries),
               [&](const Node* node) {
                 return std::none_of(
                     nodes.begin(), nodes.end(),
                     [&](const Node* other) { return LeadsTo(*other, *node); });
               });
  // It goes in circles.
  return entries.empty() ? nodes : entries;
}

// Whether `from` leads to a hop of a dialog that came in elsewhere: no call
// begins there, and if times cannot tell, it is another call of the same host.
bool LeadsInside(const Node& from, const Node& hop, const Nodes& entries) {
  return LeadsTo(from, hop) && !LeadsTo(hop, from) &&
         std::none_of(
             entries.begin(), entries.end(),
             [&hop](const Node* entry) { return entry->id == hop.id; });
}

// How long both were answered at one time, with what is filed under `token`.
int64_t TalkedTogether(const Node& a, const Node& b, Token token,
                       const EvidencePolicy& policy,
                       const ClockRelation& clock) {
  if (!a.answered() || !b.answered()) return 0;
  const auto since = [token](const Node& node) {
    return std::max(node.dialog().answer_time_ns(), FiledSince(node, token));
  };
  return std::min(AliveUntil(a, policy) + clock.offset_ns,
                  AliveUntil(b, policy)) -
         std::max(since(a) + clock.offset_ns, since(b));
}

// Either end may say its half of an identity with the answer.
bool TakesUpInMidCall(const Node& node, Token token,
                      const EvidencePolicy& policy) {
  return node.answered() &&
         FiledSince(node, token) >
             node.dialog().answer_time_ns() + policy.link_setup_ns;
}

bool Meet(const Nodes& a, const Nodes& b, const EvidencePolicy& policy,
          const ClockTable& clocks) {
  return AnyPair(a, b, [&](const Node& x, const Node& y) {
    return RelationOf(x, y) == LegRelation::kMeeting &&
           RanTogether(x, y, policy, clocks.Between(x, y)) &&
           !AreOfOneFocus(x, y, LegRelation::kMeeting);
  });
}

bool MayFollow(const Node& parent, const Node& child, LinkTrust trust,
               const EvidencePolicy& policy, const ClockRelation& clock) {
  if (!LeadsTo(parent, child) || !MayCause(parent, child, policy, clock)) {
    return false;
  }
  return trust == LinkTrust::kIdentity ||
         MatchParties(parent, child, policy).equal() > 0;
}

bool MayBeApart(const Node& a, const Node& b, LinkTrust trust, bool unique,
                const EvidencePolicy& policy, const ClockRelation& clock) {
  const PartyMatch parties = MatchParties(a, b, policy);
  const bool together = SetUpTogether(a, b, policy, clock);
  if (trust == LinkTrust::kTag) return parties.equal() == 2 && together;
  return parties.equal() == 2 || (parties.equal() == 1 && (together || unique));
}

}  // namespace

LinkGroup::LinkGroup(Token token, const std::vector<const Node*>& carriers,
                     const EvidencePolicy& policy, const ClockTable& clocks)
    : token_(token) {
  if (carriers.size() > policy.max_linked) return;
  FindLegs(carriers, policy, clocks);
  FindClusters();
  for (Cluster& cluster : clusters_) Examine(cluster, policy, clocks);
}

void LinkGroup::FindLegs(const std::vector<const Node*>& carriers,
                         const EvidencePolicy& policy,
                         const ClockTable& clocks) {
  for (const Node* node : carriers) {
    if (node->dialog().is_copy()) continue;
    // By the clock of the first, to count how many there are at once.
    const int64_t offset_ns =
        clocks.Between(*node, *carriers.front()).offset_ns;
    const auto [it, added] =
        by_call_id_.try_emplace(node->dialog().call_id(), legs_.size());
    if (added) legs_.emplace_back();
    Leg& leg = legs_[it->second];
    leg.nodes.push_back(node);
    leg.first_ns = std::min(leg.first_ns, node->first_ns + offset_ns);
    leg.until_ns =
        std::max(leg.until_ns, AliveUntil(*node, policy) + offset_ns);
    leg.replaces = leg.replaces || IsPlacedByAnother(*node) ||
                   TakesUpInMidCall(*node, token_, policy);
  }
  for (Leg& leg : legs_) {
    leg.entries = EntriesOf(leg.nodes);
    for (const Leg& other : legs_) {
      leg.beside.push_back(&leg == &other ||
                           RanTogether(leg.nodes, other.nodes, policy, clocks));
    }
  }
}

void LinkGroup::FindClusters() {
  std::vector<bool> taken(legs_.size());
  for (size_t start = 0; start < legs_.size(); ++start) {
    if (taken[start]) continue;
    taken[start] = true;
    Cluster& cluster = clusters_.emplace_back();
    cluster.legs = {start};
    for (size_t i = 0; i < cluster.legs.size(); ++i) {
      Leg& leg = legs_[cluster.legs[i]];
      leg.cluster = clusters_.size() - 1;
      for (size_t j = 0; j < legs_.size(); ++j) {
        if (taken[j] || !leg.beside[j]) continue;
        taken[j] = true;
        cluster.legs.push_back(j);
      }
    }
  }
}

// A queue may try one agent after the other for long.
size_t LinkGroup::MostAtOnce(const Cluster& cluster) const {
  size_t most = 0;
  for (const size_t x : cluster.legs) {
    const int64_t at_ns = legs_[x].first_ns;
    most = std::max(
        most, static_cast<size_t>(std::count_if(
                  cluster.legs.begin(), cluster.legs.end(), [&](size_t y) {
                    return legs_[y].first_ns <= at_ns &&
                           at_ns <= legs_[y].until_ns;
                  })));
  }
  return most;
}

// Whether the two cannot be of one call.
bool LinkGroup::Clash(const Leg& a, const Leg& b, const EvidencePolicy& policy,
                      const ClockTable& clocks) const {
  const bool roots = a.root && b.root && !a.replaces && !b.replaces;
  // Of forks one is answered; of a transfer, for a moment, both.
  const int64_t talk_ns = roots ? 0 : policy.handover_ns;
  return AnyPair(a.nodes, b.nodes, [&](const Node& x, const Node& y) {
    const LegRelation relation = RelationOf(x, y);
    const ClockRelation clock = clocks.Between(x, y);
    if (!RanTogether(x, y, policy, clock) || AreOfOneFocus(x, y, relation)) {
      return false;
    }
    switch (relation) {
      case LegRelation::kMeeting:
        return roots;
      case LegRelation::kParallel:
        return roots || TalkedTogether(x, y, token_, policy, clock) > talk_ns;
      case LegRelation::kBranches:
        return TalkedTogether(x, y, token_, policy, clock) > talk_ns;
      default:
        return false;
    }
  });
}

void LinkGroup::Examine(Cluster& cluster, const EvidencePolicy& policy,
                        const ClockTable& clocks) {
  const auto& in = cluster.legs;
  const auto is_conference = [&](size_t leg) {
    return std::any_of(legs_[leg].nodes.begin(), legs_[leg].nodes.end(),
                       [](const Node* node) { return IsFocus(*node); });
  };
  if (MostAtOnce(cluster) > policy.max_linked_legs &&
      !std::all_of(in.begin(), in.end(), is_conference)) {
    cluster.sound = false;
    return;
  }
  for (const size_t x : in) {
    for (const size_t y : in) {
      if (x == y) continue;
      Leg& leg = legs_[x];
      const Leg& other = legs_[y];
      leg.root =
          leg.root &&
          !AnyPair(
              other.nodes, leg.entries, [&](const Node& from, const Node& to) {
                return LeadsTo(from, to) &&
                       MayCause(from, to, policy, clocks.Between(from, to));
              });
      leg.intrudes =
          leg.intrudes ||
          (leg.replaces && Meet(leg.nodes, other.nodes, policy, clocks));
    }
  }
  for (const size_t x : in) {
    for (const size_t y : in) {
      if (x >= y) continue;
      cluster.sound =
          cluster.sound && !Clash(legs_[x], legs_[y], policy, clocks);
    }
  }
}

LinkTrust LinkGroup::Between(const Node& a, const Node& b) const {
  const auto of_a = by_call_id_.find(a.dialog().call_id());
  const auto of_b = by_call_id_.find(b.dialog().call_id());
  if (of_a == by_call_id_.end() || of_b == by_call_id_.end()) {
    return LinkTrust::kNone;
  }
  const Leg& x = legs_[of_a->second];
  const Leg& y = legs_[of_b->second];
  if (!x.beside[of_b->second] || !clusters_[x.cluster].sound || x.intrudes ||
      y.intrudes || LeadsInside(a, b, y.entries) ||
      LeadsInside(b, a, x.entries)) {
    return LinkTrust::kNone;
  }
  return clusters_.size() == 1 ? LinkTrust::kIdentity : LinkTrust::kTag;
}

LinkTrust LinkGroups::Between(Token token, const Node& a, const Node& b) const {
  const LinkGroup* const of_a = Find(token, a);
  const LinkGroup* const of_b = Find(token, b);
  if (of_a == nullptr || of_b == nullptr) return LinkTrust::kNone;
  return std::min(of_a->Between(a, b), of_b->Between(a, b));
}

bool MayBeOneCall(const Node& a, const Node& b, LinkTrust trust, bool unique,
                  const EvidencePolicy& policy, const ClockRelation& clock) {
  if (trust == LinkTrust::kNone || SameCallId(a, b) ||
      !RanTogether(a, b, policy, clock)) {
    return false;
  }
  const LegRelation relation = RelationOf(a, b);
  switch (relation) {
    case LegRelation::kChained:
      return MayFollow(a, b, trust, policy, clock) ||
             MayFollow(b, a, trust, policy, clock.Reversed());
    case LegRelation::kBranches:
      return trust == LinkTrust::kIdentity &&
             (SetUpTogether(a, b, policy, clock) ||
              MatchParties(a, b, policy).caller == Agreement::kEqual);
    case LegRelation::kMeeting:
      return trust == LinkTrust::kIdentity && AreOfOneFocus(a, b, relation);
    case LegRelation::kParallel:
      return false;
    case LegRelation::kApart:
      return MayBeApart(a, b, trust, unique, policy, clock);
  }
  return false;
}

bool Carries(const Node& node, LinkKind kind, const std::string& value) {
  return std::any_of(node.dialog().links().begin(), node.dialog().links().end(),
                     [&](const DialogLink& link) {
                       return link.kind() == kind && link.value() == value;
                     });
}

std::optional<SharedValue> FindShared(const ValueQuery& query, const Node& a,
                                      const Node& b, const LinkGroups& groups,
                                      const EvidencePolicy& policy,
                                      const ClockRelation& clock) {
  if (SameCallId(a, b)) return std::nullopt;
  SharedValue best;
  for (const DialogLink& link : a.dialog().links()) {
    if (link.kind() != query.kind || !Carries(b, query.kind, link.value()) ||
        (query.accept && !query.accept(link.value()))) {
      continue;
    }
    const LinkTrust trust =
        groups.Between(LinkToken(query.kind, link.value()), a, b);
    if (!MayBeOneCall(a, b, trust, query.unique, policy, clock)) continue;
    ++best.count;
    if (trust < best.trust) continue;
    if (trust > best.trust || link.value() < best.value) {
      best.value = link.value();
      best.trust = trust;
    }
  }
  if (best.count == 0) return std::nullopt;
  return best;
}

double ScoreOf(LinkTrust trust, double identity, const EvidencePolicy& policy) {
  return trust == LinkTrust::kIdentity ? identity
                                       : identity * policy.reused_value;
}

}  // namespace callbraid::collector
