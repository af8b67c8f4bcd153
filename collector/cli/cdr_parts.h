#ifndef CALLBRAID_COLLECTOR_CLI_CDR_PARTS_H_
#define CALLBRAID_COLLECTOR_CLI_CDR_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/v1/completeness.pb.h"

namespace callbraid::cli {

// Some records of a file.
struct CdrPart {
  std::string_view text;
  // In the file before it.
  uint64_t records_before = 0;
};

struct CdrPartLimits {
  // What ReconcileCalls takes at once.
  size_t bytes = size_t{3} << 20;
  // What it tells all about.
  size_t records = 10'000;
};

// `text`, which must outlive the result, in parts that ReconcileCalls takes,
// each with room for the first record before it, which may be titles. At least
// one. INVALID_ARGUMENT: a record that is too long.
absl::StatusOr<std::vector<CdrPart>> SplitCdr(std::string_view text,
                                              const CdrPartLimits& limits);

// The first record with its end of line.
std::string_view FirstRecord(std::string_view text);

// Adds what came of a part to `whole`. `shift_records`: by how much the numbers
// of its records are less than those of the file.
void AddPart(v1::ReconcileCallsResponse part, uint64_t shift_records,
             v1::ReconcileCallsResponse& whole);
// After the last part: records as in the file; a call that one part has no
// record of may be another one's.
void FinishParts(v1::ReconcileCallsResponse& whole);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_CDR_PARTS_H_
