#include "collector/evidence/leg_relation.h"

#include <algorithm>
#include <cstdlib>

#include "collector/evidence/sdp_endpoint.h"

namespace callbraid::collector {

bool SameHost(const Node& a, const Endpoint& host, const Node& b,
              const Endpoint& other) {
  return host == other && (a.site() == b.site() || !host.address.is_private());
}

bool LeadsTo(const Node& a, const Node& b) {
  return SameHost(a, a.responder_host, b, b.initiator_host);
}

bool ShareAHost(const Node& a, const Node& b) {
  return LeadsTo(a, b) || LeadsTo(b, a) ||
         SameHost(a, a.initiator_host, b, b.initiator_host) ||
         SameHost(a, a.responder_host, b, b.responder_host);
}

LegRelation RelationOf(const Node& a, const Node& b) {
  if (LeadsTo(a, b) || LeadsTo(b, a)) return LegRelation::kChained;
  const bool one_source = SameHost(a, a.initiator_host, b, b.initiator_host);
  const bool one_target = SameHost(a, a.responder_host, b, b.responder_host);
  if (one_source && one_target) return LegRelation::kParallel;
  if (one_source) return LegRelation::kBranches;
  return one_target ? LegRelation::kMeeting : LegRelation::kApart;
}

int64_t ClockSlack(const Node& a, const Node& b, const EvidencePolicy& policy,
                   const ClockRelation& clock) {
  return policy.hop_delay_ns + (SameSensor(a, b) ? 0 : clock.Tolerance(policy));
}

int64_t AliveUntil(const Node& dialog, const EvidencePolicy& policy) {
  return std::max(dialog.last_ns, ReachEnd(dialog, policy));
}

bool RanTogether(const Node& a, const Node& b, const EvidencePolicy& policy,
                 const ClockRelation& clock) {
  return std::min(AliveUntil(a, policy) + clock.offset_ns,
                  AliveUntil(b, policy)) -
             std::max(a.first_ns + clock.offset_ns, b.first_ns) >=
         -ClockSlack(a, b, policy, clock);
}

bool SetUpTogether(const Node& a, const Node& b, const EvidencePolicy& policy,
                   const ClockRelation& clock) {
  return a.invite_ns != 0 && b.invite_ns != 0 &&
         std::abs(a.invite_ns + clock.offset_ns - b.invite_ns) <=
             policy.link_setup_ns + ClockSlack(a, b, policy, clock);
}

bool MayCause(const Node& a, const Node& b, const EvidencePolicy& policy,
              const ClockRelation& clock) {
  // One sensor may swap what comes at the same moment, no more.
  const int64_t slack =
      SameSensor(a, b) ? policy.nat_delay_ns : ClockSlack(a, b, policy, clock);
  return a.invite_ns == 0 || b.invite_ns == 0 ||
         b.invite_ns >= a.invite_ns + clock.offset_ns - slack;
}

}  // namespace callbraid::collector
