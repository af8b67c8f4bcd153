#ifndef CALLBRAID_COLLECTOR_CLOCKS_CLOCK_SAMPLES_H_
#define CALLBRAID_COLLECTOR_CLOCKS_CLOCK_SAMPLES_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/clocks/clock_sample.h"
#include "collector/index/candidates.h"
#include "collector/index/observation_index.h"

namespace callbraid::collector {

// Samples of how clocks differ, gathered by sensor and window of its time
// (store/clock_window.h). A cache over index and candidates: whatever is not
// held is worked out anew, from a few observations of the window however many
// there are.
//
// One thread. Errors are those of FactStore.
class ClockSamples {
 public:
  // All must outlive it.
  ClockSamples(ObservationIndex& index, Candidates& candidates,
               const EvidencePolicy& policy)
      : index_(index), candidates_(candidates), policy_(policy) {}

  // A window of a sensor's time.
  struct Place {
    std::string sensor;
    int64_t window = 0;
    auto operator<=>(const Place&) const = default;
  };

  // What the samples of a window say of one other sensor.
  struct Summary {
    int64_t low_ns = 0;
    int64_t high_ns = 0;
    bool content = false;
    bool operator==(const Summary&) const = default;
  };
  using Summaries = std::map<std::string, Summary>;

  // By the other sensor. Valid until Update() or Trim().
  absl::StatusOr<const Summaries*> Of(const Place& place);

  // The observations of a window that samples are taken of.
  absl::StatusOr<std::vector<const Node*>> Sampled(const Place& place);

  // `nodes` are new or changed. Adds the windows whose summaries are others
  // now, or may be. When it fails, Clear() and begin anew.
  absl::Status Update(const std::vector<const Node*>& nodes,
                      std::set<Place>& changed);

  // Between rounds of work; forgets what exceeds the limit.
  void Trim();
  void Clear() { windows_.clear(); }

 private:
  // Of one observation, by the other sensor.
  using Samples = std::map<std::string, std::vector<ClockSample>>;
  struct Window {
    std::map<ObservationId, Samples> samples;
    Summaries summaries;
    // As of the last Update(); nullopt while there was none: what was read
    // since may have been ahead of it.
    std::optional<Summaries> noted;
    uint64_t used = 0;
  };

  absl::StatusOr<Samples> SamplesOf(const Node& node);
  absl::Status Load(const Place& place, const std::set<ObservationId>* anew,
                    Window& window);

  ObservationIndex& index_;
  Candidates& candidates_;
  const EvidencePolicy& policy_;
  std::map<Place, Window> windows_;
  uint64_t round_ = 1;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CLOCKS_CLOCK_SAMPLES_H_
