#ifndef CALLBRAID_COLLECTOR_CORRELATE_SDP_CANDIDATES_H_
#define CALLBRAID_COLLECTOR_CORRELATE_SDP_CANDIDATES_H_

#include <cstdint>
#include <vector>

#include "absl/container/node_hash_map.h"
#include "absl/status/statusor.h"
#include "collector/clocks/clock_model.h"
#include "collector/correlate/clocked_spans.h"
#include "collector/evidence/evidence_policy.h"
#include "collector/evidence/node.h"
#include "collector/evidence/sdp_endpoint.h"
#include "collector/index/observation_index.h"

namespace callbraid::collector {

// Which dialogs and streams may have to do with each other by an endpoint that
// SDP named. As Candidates, cut by rules that depend on the set of observations
// alone, and the same from both ends.
// One thread. Errors are those of FactStore.
class SdpCandidates {
 public:
  // All must outlive it.
  SdpCandidates(ObservationIndex& index, ClockModel& clocks,
                const EvidencePolicy& policy)
      : index_(index), clocks_(clocks), policy_(policy) {}

  // The dialogs that an RTP observation belongs to. Valid until Reset().
  absl::StatusOr<const std::vector<SdpClaim>*> DialogsOf(const Node& stream);

  // RTP observations that could belong to a dialog, by time and endpoint.
  absl::StatusOr<std::vector<const Node*>> StreamsNear(const Node& dialog);

  // Forgets what was worked out, after observations changed.
  void Reset() { dialogs_of_.clear(); }

  // Look-ups that found too many to mean anything.
  uint64_t crowded_tokens() const { return crowded_tokens_; }

 private:
  // Of dialogs that were first seen from `back_ns` before to `ahead_ns` after
  // the stream.
  absl::StatusOr<std::vector<SdpClaim>> ClaimsWithin(const Node& stream,
                                                     int64_t back_ns,
                                                     int64_t ahead_ns);
  // Look-ups of what began within `span` by the clock of `node`, less those
  // that found too many.
  absl::StatusOr<std::vector<const ObservationIndex::Query*>> Find(
      const Node& node, Token token, const TimeSpan& span);
  absl::StatusOr<std::vector<const ObservationIndex::Query*>> FindStreams(
      const Node& dialog, Token token);

  ObservationIndex& index_;
  ClockModel& clocks_;
  const EvidencePolicy& policy_;
  absl::node_hash_map<ObservationId, std::vector<SdpClaim>> dialogs_of_;
  uint64_t crowded_tokens_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_SDP_CANDIDATES_H_
