#ifndef CALLBRAID_COLLECTOR_EVIDENCE_LEG_RELATION_H_
#define CALLBRAID_COLLECTOR_EVIDENCE_LEG_RELATION_H_

#include <cstdint>

#include "collector/evidence/clock_relation.h"
#include "collector/evidence/evidence_policy.h"
#include "collector/evidence/node.h"

// How two dialogs lie to each other, in space and in time: whether they can be
// legs of one call. Of dialog observations, both INVITE. `clock` is that from
// the sensor of `a` to that of `b`, as in evidence.h.

namespace callbraid::collector {

enum class LegRelation {
  // One ends at the host where the other begins: in and out of a B2BUA.
  kChained,
  // From one host to different ones: forks.
  kBranches,
  // From different hosts to one: two calls, or a conference.
  kMeeting,
  // From one host to the same other.
  kParallel,
  kApart,
};
// Symmetric. Chained goes before all else.
LegRelation RelationOf(const Node& a, const Node& b);

// `host` of `a` and `other` of `b`: a private address means something in its
// site only.
bool SameHost(const Node& a, const Endpoint& host, const Node& b,
              const Endpoint& other);

// Whether `a` ends where `b` begins.
bool LeadsTo(const Node& a, const Node& b);

// Whether either end of one is an end of the other.
bool ShareAHost(const Node& a, const Node& b);

inline bool SameCallId(const Node& a, const Node& b) {
  return a.dialog().call_id() == b.dialog().call_id();
}

// What clocks and capture times of two observations may be wrong by.
int64_t ClockSlack(const Node& a, const Node& b, const EvidencePolicy& policy,
                   const ClockRelation& clock = {});

// Until when a dialog is there: to its end, or as long as one of which no more
// is heard may last.
int64_t AliveUntil(const Node& dialog, const EvidencePolicy& policy);

// Whether both dialogs were there at one time.
bool RanTogether(const Node& a, const Node& b, const EvidencePolicy& policy,
                 const ClockRelation& clock = {});

// Whether both were set up within link_setup_ns. False if not known.
bool SetUpTogether(const Node& a, const Node& b, const EvidencePolicy& policy,
                   const ClockRelation& clock = {});

// Whether `b` may have been set up because of `a`: not before it. True if not
// known.
bool MayCause(const Node& a, const Node& b, const EvidencePolicy& policy,
              const ClockRelation& clock = {});

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVIDENCE_LEG_RELATION_H_
