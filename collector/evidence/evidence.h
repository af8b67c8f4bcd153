#ifndef CALLBRAID_COLLECTOR_EVIDENCE_EVIDENCE_H_
#define CALLBRAID_COLLECTOR_EVIDENCE_EVIDENCE_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "callbraid/v1/call.pb.h"
#include "collector/evidence/clock_relation.h"
#include "collector/evidence/clock_table.h"
#include "collector/evidence/evidence_policy.h"
#include "collector/evidence/node.h"

// What makes two observations one call. Pure functions of two nodes and, where
// evidence rests on something being seen in one place only, of the nodes that
// have a token in common with either. Each kind has a source file of its own.
//
// `clock` tells what to add to raw times of the sensor of `a` to get to the
// clock of the sensor of `b`; `clocks` the same of `others`, too.
//
// Results do not depend on the order of the two, nor of `others`.

namespace callbraid::collector {

struct Evidence {
  v1::EvidenceKind kind = v1::EVIDENCE_KIND_UNSPECIFIED;
  double score = 0;
  std::string detail;
  // Withdrawn where signalling says that the two belong to different dialogs.
  bool yields_to_signalling = false;
  // Of two sensors: ByName().
  ClockRelation clock = {};
  // Of a dialog that takes the place of another: it has its initiator where
  // that had its responder.
  bool turns = false;
};

// `clock`, from the sensor of `a` to that of `b`, as from the one whose name
// comes first to the other.
inline ClockRelation ByName(const Node& a, const Node& b,
                            const ClockRelation& clock) {
  return a.sensor() < b.sensor() ? clock : clock.Reversed();
}

// Nodes that share a token with one of two that are compared.
struct Others {
  std::span<const Node* const> nodes;
  // No token was shared by too many, so `nodes` are all there are.
  bool complete = true;
};

class LinkGroups;

// Two dialog observations: Call-ID and tags of one dialog, at the same time or
// with the same messages. same_dialog.cc
std::optional<Evidence> SameDialog(const Node& a, const Node& b,
                                   std::span<const Node* const> others,
                                   const EvidencePolicy& policy,
                                   const ClockRelation& clock = {});

// Two RTP observations with the SSRC and at least one endpoint in common.
// same_rtp.cc
std::optional<Evidence> SameRtp(const Node& a, const Node& b,
                                const Others& others,
                                const EvidencePolicy& policy,
                                const ClockRelation& clock = {});

// Whether the packets of two RTP observations may be the same, by sequence
// numbers, timestamps and times. same_rtp.cc
bool RangesMeet(const Node& a, const Node& b, const EvidencePolicy& policy,
                const ClockRelation& clock);

// Whether the timestamps of `later` go on with those of `earlier`, as time did:
// one source that did not begin anew. same_rtp.cc
bool KeepsClock(const Node& earlier, const Node& later,
                const EvidencePolicy& policy);

// Two RTP observations with no endpoint in common and the same payloads.
// relayed_payload.cc
std::optional<Evidence> RelayedPayload(const Node& a, const Node& b,
                                       const Others& others,
                                       const EvidencePolicy& policy,
                                       const ClockRelation& clock = {});

// Two RTP observations in opposite directions. reverse_flow.cc
std::optional<Evidence> ReverseFlow(const Node& a, const Node& b,
                                    const EvidencePolicy& policy,
                                    const ClockRelation& clock = {});

// Two dialogs of different devices at one time that their controller (MGCP,
// SCCP) has one name for, which is their Call-ID. controlled_call.cc
std::optional<Evidence> ControlledCall(const Node& a, const Node& b,
                                       const EvidencePolicy& policy,
                                       const ClockRelation& clock = {});
// Whether there can be such evidence, but for the time.
bool AreControlledTogether(const Node& a, const Node& b);

// Two dialog observations with other Call-IDs, from here on. `groups` say what
// the values that they share are worth.

// The UUID of an end in both (RFC 7989). session_id.cc
std::optional<Evidence> SessionId(const Node& a, const Node& b,
                                  const LinkGroups& groups,
                                  const EvidencePolicy& policy,
                                  const ClockRelation& clock = {});

// The icid of P-Charging-Vector in both. charging_vector.cc
std::optional<Evidence> ChargingVector(const Node& a, const Node& b,
                                       const LinkGroups& groups,
                                       const EvidencePolicy& policy,
                                       const ClockRelation& clock = {});

// cisco_guid.cc
std::optional<Evidence> CiscoGuid(const Node& a, const Node& b,
                                  const LinkGroups& groups,
                                  const EvidencePolicy& policy,
                                  const ClockRelation& clock = {});

// A configured header of one has the value that the other's has, or the other's
// Call-ID. link_header.cc
std::optional<Evidence> LinkHeader(const Node& a, const Node& b,
                                   const LinkGroups& groups,
                                   const EvidencePolicy& policy,
                                   const ClockRelation& clock = {});

// One passed on the other's SDP. sdp_origin.cc
std::optional<Evidence> SdpOrigin(const Node& a, const Node& b,
                                  const LinkGroups& groups,
                                  const EvidencePolicy& policy,
                                  const ClockRelation& clock = {});

// One names the other to take its place, or to be with it. replaces.cc
std::optional<Evidence> Replaces(const Node& a, const Node& b,
                                 const EvidencePolicy& policy,
                                 const ClockRelation& clock = {});

// One was asked for by REFER within the other. transfer.cc
std::optional<Evidence> Transfer(const Node& a, const Node& b,
                                 const Others& others,
                                 const EvidencePolicy& policy,
                                 const ClockTable& clocks = {});

// One was asked for by a 3xx response to the other; also with the same Call-ID.
// redirect.cc
std::optional<Evidence> Redirect(const Node& a, const Node& b,
                                 const Others& others,
                                 const EvidencePolicy& policy,
                                 const ClockTable& clocks = {});

// In at a host and out again, by numbers and times alone; for where nothing
// else links either. numbers_and_time.cc
std::optional<Evidence> NumbersAndTime(const Node& a, const Node& b,
                                       const Others& others,
                                       const EvidencePolicy& policy,
                                       const ClockTable& clocks = {});

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVIDENCE_EVIDENCE_H_
