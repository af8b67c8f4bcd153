#ifndef CALLBRAID_COLLECTOR_CORRELATE_DIALOG_WINDOWS_H_
#define CALLBRAID_COLLECTOR_CORRELATE_DIALOG_WINDOWS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "collector/correlate/evidence_policy.h"
#include "collector/correlate/node.h"
#include "collector/correlate/observation_index.h"

namespace callbraid::collector {

// Look-ups of what shares a token and began at about the same time. By the
// clock, not by the dialog: so all dialogs of one window have one look-up in
// common, and two of neighbouring windows find each other from either end.
//
// One thread. Errors are those of FactStore.
class DialogWindows {
 public:
  // Both must outlive it.
  DialogWindows(ObservationIndex& index, const EvidencePolicy& policy,
                int64_t width_ns)
      : index_(index), policy_(policy), width_ns_(width_ns) {}

  int64_t WindowOf(const Node& dialog) const {
    return dialog.first_ns / width_ns_;
  }
  // What began in a window, in the one before or in the one after.
  absl::StatusOr<const ObservationIndex::Query*> Around(Token token,
                                                        int64_t window);

  // Adds those whose look-ups rest on `dialog`, though its own finds too many
  // to tell of them: their windows reach no further than to it.
  absl::Status AddWatching(const Node& dialog, Token token,
                           std::vector<ObservationId>& ids);

 private:
  ObservationIndex& index_;
  const EvidencePolicy& policy_;
  const int64_t width_ns_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CORRELATE_DIALOG_WINDOWS_H_
