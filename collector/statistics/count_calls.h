#ifndef CALLBRAID_COLLECTOR_STATISTICS_COUNT_CALLS_H_
#define CALLBRAID_COLLECTOR_STATISTICS_COUNT_CALLS_H_

#include <cstddef>
#include <functional>

#include "absl/status/statusor.h"
#include "callbraid/v1/counts.pb.h"
#include "collector/completeness/call_reader.h"
#include "collector/store/scope.h"
#include "collector/store/store.h"

namespace callbraid::collector {

struct CountedRowLimits {
  // Of intervals and sites together.
  size_t rows = 20'000;
};

// What CallService.CountCalls answers: by what `facts` has counted or, where
// that cannot tell what `scope` lets see, by `calls`, which reads them. Errors
// as it says, and those of the two. One thread.
absl::StatusOr<v1::CountCallsResponse> CountCalls(
    const v1::CountCallsRequest& request, const CountedRowLimits& limits,
    const Scope& scope, FactStore& facts, CallReader& calls);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STATISTICS_COUNT_CALLS_H_
