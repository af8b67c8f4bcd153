#ifndef CALLBRAID_COLLECTOR_CORRELATE_DIALOG_WINDOWS_H_
#define CALLBRAID_COLLECTOR_CORRELATE_DIALOG_WINDOWS_H_

#include <compare>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/clocks/clock_model.h"
#include "collector/correlate/clocked_spans.h"
#include "collector/evidence/evidence_policy.h"
#include "collector/evidence/node.h"
#include "collector/index/observation_index.h"

namespace callbraid::collector {

// Look-ups of dialogs that share a token and began at about the same time: in
// one window of time or in two beside each other, moved by what is known of the
// clocks. By the window, not by the dialog: so all that one sensor saw begin in
// one window have one look-up in common, and of two dialogs either finds the
// other, or neither does.
//
// One thread. Errors are those of FactStore.
class DialogWindows {
 public:
  // All must outlive it.
  DialogWindows(ObservationIndex& index, ClockModel& clocks,
                const EvidencePolicy& policy, int64_t width_ns)
      : index_(index), clocks_(clocks), policy_(policy), width_ns_(width_ns) {}

  struct Found {
    std::vector<const Node*> nodes;  // By id; with the dialog itself.
    // False: there are too many, and `nodes` has none.
    bool complete = true;
  };
  // INVITE dialogs. Valid until Reset().
  absl::StatusOr<const Found*> Around(const Node& dialog, Token token);

  // Adds those whose look-ups rest on `dialog`, though its own finds too many
  // to tell of them: their windows reach no further than to it.
  absl::Status AddWatching(const Node& dialog, Token token,
                           std::vector<ObservationId>& ids);

  // Forgets what was worked out, after observations or clocks changed.
  void Reset() { found_.clear(); }

 private:
  struct Place {
    std::string sensor;
    // Of those by which clocks are compared.
    int64_t clock_window = 0;
    int64_t window = 0;
    auto operator<=>(const Place&) const = default;
  };
  // Windows before or after.
  struct Range {
    int64_t first = -1;
    int64_t last = 1;
  };

  Place PlaceOf(const Node& dialog) const;
  Range RangeOf(const ClockRelation& clock) const;
  absl::StatusOr<const ClockModel::Partners*> PartnersAt(const Place& place);
  absl::StatusOr<bool> Reaches(const Place& from, const Place& to);
  absl::StatusOr<std::vector<TimeSpan>> SpansOf(const Place& place);
  absl::StatusOr<Found> Find(const Place& place, Token token);

  ObservationIndex& index_;
  ClockModel& clocks_;
  const EvidencePolicy& policy_;
  const int64_t width_ns_;
  std::map<std::pair<Token, Place>, Found> found_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_DIALOG_WINDOWS_H_
