#ifndef CALLBRAID_COLLECTOR_COMPLETENESS_DAY_COUNTS_H_
#define CALLBRAID_COLLECTOR_COMPLETENESS_DAY_COUNTS_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "absl/status/statusor.h"
#include "callbraid/v1/completeness.pb.h"
#include "collector/completeness/call_reader.h"
#include "google/protobuf/repeated_field.h"

namespace callbraid::collector {

// How many calls, by Wholeness.
class WholenessCounts {
 public:
  void Add(v1::Wholeness wholeness) { ++counts_[wholeness]; }
  uint64_t Sum() const;
  // Those of which there are any.
  google::protobuf::RepeatedPtrField<v1::WholenessCount> ToProto() const;

 private:
  std::array<uint64_t, v1::Wholeness_ARRAYSIZE> counts_ = {};
};

struct CountLimits {
  size_t calls = 1'000'000;
  // Of days and sites together.
  size_t rows = 20'000;
};

// What CompletenessService.GetCompleteness answers. INVALID_ARGUMENT as it
// says; errors of `calls`.
absl::StatusOr<v1::GetCompletenessResponse> CountDays(
    const v1::GetCompletenessRequest& request, const CountLimits& limits,
    CallReader& calls);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COMPLETENESS_DAY_COUNTS_H_
