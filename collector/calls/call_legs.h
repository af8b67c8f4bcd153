#ifndef CALLBRAID_COLLECTOR_CALLS_CALL_LEGS_H_
#define CALLBRAID_COLLECTOR_CALLS_CALL_LEGS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "callbraid/v1/call.pb.h"
#include "collector/calls/component.h"
#include "collector/calls/sensor_clocks.h"
#include "collector/evidence/evidence_policy.h"

namespace callbraid::collector {

// What two sides do so shortly after each other neither did because of the
// other one.
inline constexpr int64_t kAtOnceNs = 50 * EvidencePolicy::kMs;

inline v1::Side OppositeOf(v1::Side side) {
  return side == v1::SIDE_CALLER   ? v1::SIDE_CALLEE
         : side == v1::SIDE_CALLEE ? v1::SIDE_CALLER
                                   : side;
}

// A dialog between two hosts, from all observations of it. Times are aligned
// to the clock of the call's first observation; 0 where it did not happen.
struct CallLeg {
  std::vector<const Node*> nodes;  // In the order of Before().
  // The observation that tells most: it saw the beginning.
  const Node* best = nullptr;
  int64_t start_ns = 0;
  int64_t invite_ns = 0;
  int64_t ringing_ns = 0;
  int64_t answer_ns = 0;
  int64_t end_ns = 0;
  v1::EndReason end_reason = v1::END_REASON_UNSPECIFIED;
  uint32_t final_status = 0;
  // Whose request ended it, as `best` has the sides; not known where both did
  // at once.
  v1::Side ended_by = v1::SIDE_UNSPECIFIED;
  // ITU-T Q.850, and in words.
  uint32_t release_cause = 0;
  std::string release_reason;
  // Index of the earlier leg whose place it takes, or from which it goes on.
  std::optional<size_t> continues;

  const std::string& call_id() const { return best->dialog().call_id(); }
  // A BYE ends only what was answered.
  bool answered() const {
    return answer_ns != 0 || end_reason == v1::END_REASON_BYE;
  }
  // A copy of a call for a recorder (RFC 7866).
  bool is_copy() const {
    return std::any_of(nodes.begin(), nodes.end(), [](const Node* node) {
      return node->dialog().is_copy();
    });
  }
};

// The legs of a call, from the caller towards the callee: each follows the one
// that ends at the host where it begins, else by time.
std::vector<CallLeg> FindLegs(const Component& component,
                              const SensorClocks& clocks,
                              const EvidencePolicy& policy);

// `call_over`: nothing more is expected, so a leg without an end has one.
v1::Leg ToProto(const CallLeg& leg, const std::vector<CallLeg>& legs,
                bool call_over);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CALLS_CALL_LEGS_H_
