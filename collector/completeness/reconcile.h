#ifndef CALLBRAID_COLLECTOR_COMPLETENESS_RECONCILE_H_
#define CALLBRAID_COLLECTOR_COMPLETENESS_RECONCILE_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "collector/completeness/cdr_file.h"
#include "collector/completeness/seen_call.h"

namespace callbraid::collector {

struct ReconcileOptions {
  // A call and its row start within this of each other.
  absl::Duration tolerance = absl::Seconds(10);
  // A recording may be shorter than the talk of its row by this.
  absl::Duration slack = absl::Seconds(2);
};

// What became of a row.
struct Reconciled {
  const CdrRow* row = nullptr;
  // The call it is; nullptr: none was seen.
  const SeenCall* call = nullptr;
  // Recorded, but by more than the slack shorter than the PBX says.
  bool is_short = false;

  // Of the call of an answered row. The PBX says that they talked: where no
  // sensor saw the answer, nothing of that is there.
  v1::Wholeness Wholeness() const {
    return call->answered ? call->wholeness : v1::WHOLENESS_NO_MEDIA;
  }
};

struct Reconciliation {
  std::vector<Reconciled> rows;  // As in the file.
  // Answered calls of the time of the file that no row is of, by start.
  std::vector<const SeenCall*> extra;
};

// Finds the call of each row: the same numbers, however each writes them, at
// the same time. What one row is, no other is, but for the legs of a call, of
// which a PBX may write a row each. Both must outlive the result.
// FAILED_PRECONDITION: that would take too long, or too much memory.
absl::StatusOr<Reconciliation> Reconcile(const std::vector<CdrRow>& rows,
                                         const std::vector<SeenCall>& calls,
                                         const ReconcileOptions& options);

// By how much the PBX's times are off, if most of the rows that no call was
// found for would have one then: the hours of another time zone, or a clock
// that is wrong. `calls` must be of kWidestShift before and after the rows.
std::optional<absl::Duration> FindShift(const std::vector<CdrRow>& rows,
                                        const std::vector<SeenCall>& calls);
// The widest that two time zones are apart.
inline constexpr absl::Duration kWidestShift = absl::Hours(14);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COMPLETENESS_RECONCILE_H_
