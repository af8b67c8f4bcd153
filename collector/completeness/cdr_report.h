#ifndef CALLBRAID_COLLECTOR_COMPLETENESS_CDR_REPORT_H_
#define CALLBRAID_COLLECTOR_COMPLETENESS_CDR_REPORT_H_

#include <cstddef>

#include "absl/status/statusor.h"
#include "callbraid/v1/completeness.pb.h"
#include "collector/completeness/call_reader.h"

namespace callbraid::collector {

struct CdrLimits {
  // Calls that are compared at once, and the pairs of numbers that they and
  // their legs have: some 100 MB.
  size_t calls = 250'000;
  size_t parties = 750'000;
  // That are told one by one.
  size_t records = 10'000;
  size_t extra = 1000;
};

// What CompletenessService.ReconcileCalls answers. INVALID_ARGUMENT and
// FAILED_PRECONDITION as it says; errors of `calls`.
absl::StatusOr<v1::ReconcileCallsResponse> ReconcileCdr(
    const v1::ReconcileCallsRequest& request, const CdrLimits& limits,
    CallReader& calls);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COMPLETENESS_CDR_REPORT_H_
