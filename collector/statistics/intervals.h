#ifndef CALLBRAID_COLLECTOR_STATISTICS_INTERVALS_H_
#define CALLBRAID_COLLECTOR_STATISTICS_INTERVALS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "callbraid/v1/counts.pb.h"

namespace callbraid::collector {

// From `from_ns` to before `before_ns`, both of them QuarterOf() themselves.
struct CountInterval {
  int64_t from_ns = 0;
  int64_t before_ns = 0;

  bool operator==(const CountInterval&) const = default;
};

// What the time of `request` is divided into: one after the other, without
// gaps. INVALID_ARGUMENT in one line that begins with the name of the field.
absl::StatusOr<std::vector<CountInterval>> DivideTime(
    const v1::CountCallsRequest& request, absl::Time now);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STATISTICS_INTERVALS_H_
