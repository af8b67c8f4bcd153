#include "collector/correlate/dialog_windows.h"

#include "common/base/status_macros.h"

namespace callbraid::collector {

absl::StatusOr<const ObservationIndex::Query*> DialogWindows::Around(
    Token token, int64_t window) {
  return index_.Find(token, (window - 1) * width_ns_,
                     (window + 2) * width_ns_ - 1, policy_.max_linked);
}

absl::Status DialogWindows::AddWatching(const Node& dialog, Token token,
                                        std::vector<ObservationId>& ids) {
  const int64_t window = WindowOf(dialog);
  ASSIGN_OR_RETURN(const ObservationIndex::Query* const own,
                   Around(token, window));
  if (!own->over) return absl::OkStatus();
  for (const int64_t next : {window - 1, window + 1}) {
    ASSIGN_OR_RETURN(const ObservationIndex::Query* const theirs,
                     Around(token, next));
    if (theirs->over) continue;
    ids.insert(ids.end(), theirs->ids.begin(), theirs->ids.end());
  }
  return absl::OkStatus();
}

}  // namespace callbraid::collector
