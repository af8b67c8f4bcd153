#ifndef CALLBRAID_COLLECTOR_CORRELATE_CALL_GRAPH_H_
#define CALLBRAID_COLLECTOR_CORRELATE_CALL_GRAPH_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "callbraid/v1/sensor.pb.h"
#include "collector/calls/component.h"
#include "collector/clocks/clock_model.h"
#include "collector/clocks/clock_samples.h"
#include "collector/correlate/link_candidates.h"
#include "collector/correlate/sdp_candidates.h"
#include "collector/correlate/turn_candidates.h"
#include "collector/evidence/evidence.h"
#include "collector/evidence/node.h"
#include "collector/index/candidates.h"
#include "collector/index/observation_index.h"

namespace callbraid::collector {

// Finds the connected component of the evidence graph around a node.
//
// A component is a function of the set of observations: whichever of its
// members the search starts from, it finds the same. One of more than
// max_members is no call; then only content counts (the same dialog, the same
// RTP), and if that is too many still, each node stands alone.
//
// Numbers and times join only what nothing else does. So components are found
// without them first, and then those that are open at a host, one with a leg
// that ends there and goes nowhere, one with a leg that comes from nowhere, are
// bridged (call_graph_bridges.cc).
//
// One thread. Errors are those of FactStore. Nodes are valid until the index is
// refreshed.
class CallGraph {
 public:
  // All must outlive it.
  CallGraph(ObservationIndex& index, FactStore& facts,
            const EvidencePolicy& policy);

  absl::StatusOr<Component> ComponentOf(const Node& start);

  // Adds the nodes whose calls may be others now that `node` is new or changed:
  // evidence that rests on something being seen in one place only is not a
  // matter of two nodes; and calls tell what receivers say of their streams.
  absl::Status AddAffected(const Node& node, std::vector<ObservationId>& ids);

  // Forgets what was worked out, after observations were refreshed.
  void Reset();
  // Forgets what rests on clocks, after these were installed.
  void ResetClocked();

  // How the sensors' clocks compare: for evidence, and for people.
  ClockModel& clocks() { return clocks_; }
  absl::StatusOr<std::map<std::string, v1::SensorClock>> SurveyClocks(
      const std::vector<v1::Sensor>& sensors);

  uint64_t crowded_tokens() const {
    return candidates_.crowded_tokens() + sdp_.crowded_tokens() +
           links_.crowded_tokens() + turns_.crowded_tokens();
  }
  uint64_t too_large() const { return too_large_count_; }

 private:
  struct Neighbour {
    const Node* node = nullptr;
    Evidence evidence;
  };
  enum class Scope { kAll, kContent };
  // A component by all evidence but numbers and times.
  struct Base {
    Component component;
    // Not too large.
    bool whole = false;
  };
  // A dialog of a base, one of another, and why the two are one call.
  struct Bridge {
    const Node* here = nullptr;
    const Node* there = nullptr;
    Evidence evidence;
  };

  // Bases and what numbers and times join to them. call_graph_bridges.cc
  absl::StatusOr<Component> Bridged(const Node& start);
  // Valid until Reset().
  absl::StatusOr<const Base*> BaseOf(const Node& start);
  absl::StatusOr<Base> FindBase(const Node& start);
  absl::StatusOr<std::vector<Bridge>> BridgesOf(const Base& base);
  absl::StatusOr<bool> Explore(const Node& start, Scope scope,
                               Component& component);
  absl::Status AddReceptions(Component& component);
  // From the sensor of `a` to that of `b`.
  absl::StatusOr<ClockRelation> Relate(const Node& a, const Node& b);
  absl::StatusOr<std::vector<Neighbour>> NeighboursOf(const Node& node);
  // Adds `other`, if there is evidence.
  static void Add(const Node& node, const Node& other,
                  const ClockRelation& clock, std::optional<Evidence> evidence,
                  std::vector<Neighbour>& out);
  absl::Status AddDialogs(const Node& node, std::vector<Neighbour>& out);
  absl::Status AddLinks(const Node& node, std::vector<Neighbour>& out);
  absl::Status AddStreams(const Node& node, std::vector<Neighbour>& out);
  absl::Status AddSdp(const Node& stream, const Node* only,
                      std::vector<Neighbour>& out);

  const EvidencePolicy& policy_;
  Candidates candidates_;
  ClockSamples samples_;
  ClockModel clocks_;
  SdpCandidates sdp_;
  LinkCandidates links_;
  TurnCandidates turns_;
  // Known to be in a component of more than max_members.
  absl::flat_hash_set<ObservationId> too_large_;
  std::deque<Base> bases_;
  absl::flat_hash_map<const Node*, const Base*> base_of_;
  uint64_t too_large_count_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_CALL_GRAPH_H_
