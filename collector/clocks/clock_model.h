#ifndef CALLBRAID_COLLECTOR_CLOCKS_CLOCK_MODEL_H_
#define CALLBRAID_COLLECTOR_CLOCKS_CLOCK_MODEL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/clocks/clock_samples.h"
#include "collector/clocks/uplink_clocks.h"
#include "collector/evidence/clock_relation.h"
#include "collector/evidence/clock_table.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// How the sensors' clocks compare, by what all observations say: what evidence
// goes by that rests on addresses and times at two sensors.
//
// What is known for a sensor and a window of its time (store/clock_window.h) is
// a function of the set of observations: of the samples of that window, else of
// the nearest within the hour. It is rounded, so that it seldom changes. When
// it does, all observations of the window are looked at again, for their
// evidence may have rested on it: the model notes in the store what was gone
// by, so that it can tell, also after a restart.
//
// In a round of work: Begin(), Note() what changed, AddUsers() while evidence
// is still as it was, Install(), look at everything, Collect() with what is
// stored, Applied(). When the round fails, Failed().
//
// One thread. Errors are those of FactStore.
class ClockModel {
 public:
  // All must outlive it.
  ClockModel(ClockSamples& samples, FactStore& facts);

  // A raw time of `from` against the clock of `to`.
  absl::StatusOr<ClockRelation> Relate(const std::string& from, int64_t time_ns,
                                       const std::string& to);

  // The same for pure functions: known() has what Know() was told, until
  // Begin() or Install().
  absl::Status Know(std::span<const Node* const> nodes);
  const ClockTable& known() const { return known_; }

  // Sensors whose clocks are known at a raw time of `sensor`. Valid until
  // Install().
  using Partners = ClockTable::Partners;
  absl::StatusOr<const Partners*> PartnersAt(const std::string& sensor,
                                             int64_t time_ns);

  // A round begins: Relate() answers as in the last one.
  void Begin();
  // These are new, or others' evidence may rest on what changed in them.
  absl::Status Note(const std::vector<const Node*>& nodes);
  // What round trips over the uplink say, where nothing else does.
  void Note(const UplinkClocks& uplinks);
  // Adds the observations that went by something that is no longer so; true if
  // anything is.
  absl::StatusOr<bool> AddUsers(std::vector<ObservationId>& ids);
  // From now on Relate() answers by what is known now.
  void Install();

  // Windows whose partners are held, at most 8,192 after Applied(); the others
  // are read from the store.
  size_t size() const { return states_.size(); }
  // Grows whenever samples changed.
  uint64_t revision() const { return revision_; }
  // Adds what was gone by in this round.
  void Collect(CallChange& change);
  void Applied();
  void Failed();

 private:
  using Place = ClockSamples::Place;
  struct State {
    // What was gone by; nullopt if nobody asked. As the store has it.
    std::optional<Partners> applied;
    std::optional<Partners> current;
    bool asked = false;
    uint64_t used = 0;
  };

  absl::StatusOr<State*> Find(const Place& place);
  absl::StatusOr<Partners> Work(const Place& place);
  absl::Status AddUsersOf(const Place& place, std::vector<ObservationId>& ids);
  void Trim();

  ClockSamples& samples_;
  FactStore& facts_;
  UplinkClocks uplinks_;
  ClockTable known_;
  std::map<Place, State> states_;
  // Windows whose partners may be others now. Kept until Applied().
  std::set<Place> doubted_;
  bool installed_ = true;
  uint64_t revision_ = 0;
  uint64_t round_ = 1;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CLOCKS_CLOCK_MODEL_H_
