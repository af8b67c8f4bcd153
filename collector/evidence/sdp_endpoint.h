#ifndef CALLBRAID_COLLECTOR_EVIDENCE_SDP_ENDPOINT_H_
#define CALLBRAID_COLLECTOR_EVIDENCE_SDP_ENDPOINT_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "collector/evidence/evidence.h"
#include "collector/evidence/evidence_policy.h"
#include "collector/evidence/node.h"

// Which dialogs a stream belongs to by the endpoints that their SDP named.
//
// One endpoint serves one call after another, and test tools let all calls
// share one; so the question is never put to a pair alone: all dialogs that
// named an endpoint of the stream stand for choice.

namespace callbraid::collector {

// When the stream started.
enum class SdpTiming {
  kDuring,
  // Before its SDP was seen, within tolerance.
  kEarly,
  // Shortly after the dialog's end or after other SDP replaced this.
  kLate,
};

// What SDP of one dialog observation says of one stream.
struct SdpClaim {
  const Node* dialog = nullptr;
  bool destination = false;
  bool source = false;
  // Each end was named by another side of the dialog: only who is in it can
  // bring that about.
  bool both_sides = false;
  // Whether the stream goes to the initiator, or comes from the responder.
  bool to_initiator = false;
  SdpTiming timing = SdpTiming::kDuring;
  // When SDP last named an endpoint of the stream before it started. By the
  // stream's clock.
  int64_t named_ns = 0;
  // From the stream's sensor to the dialog's.
  ClockRelation clock = ClockRelation::Same();
};

// Until when SDP of `dialog` can account for new streams.
int64_t ReachEnd(const Node& dialog, const EvidencePolicy& policy);

// Nullopt if `dialog` did not name an endpoint of `stream`, not then, or in
// another site. `clock` is from the stream's sensor to the dialog's; of no
// account if it is one.
std::optional<SdpClaim> ClaimOn(const Node& dialog, const Node& stream,
                                const EvidencePolicy& policy,
                                const ClockRelation& clock = {});

// The claims on `stream` that hold beside each other: those of the dialog that
// named its endpoints last, of its other hops, and of other legs of that call.
// Where a dialog accounts for both ends, one that names either end from outside
// has nothing to say.
std::vector<SdpClaim> ChooseClaims(const Node& stream,
                                   std::vector<SdpClaim> claims,
                                   const EvidencePolicy& policy);

Evidence EvidenceOf(const SdpClaim& claim, const Node& stream,
                    const EvidencePolicy& policy);

// False if signalling accounts for both streams, and by different dialogs.
bool MayShareDialog(std::span<const SdpClaim> a, std::span<const SdpClaim> b);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVIDENCE_SDP_ENDPOINT_H_
