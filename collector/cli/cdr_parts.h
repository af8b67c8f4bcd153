#ifndef CALLBRAID_COLLECTOR_CLI_CDR_PARTS_H_
#define CALLBRAID_COLLECTOR_CLI_CDR_PARTS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "callbraid/v1/completeness.pb.h"

namespace callbraid::cli {

// A record of a file.
struct CdrRecord {
  std::string_view text;  // With its end of line, but for the last one's.
  uint64_t number = 0;    // In the file, from 1 on; titles count.
};

using CdrRecords = std::vector<CdrRecord>;
// Some of them, which ReconcileCalls takes at once.
using CdrPart = std::span<const CdrRecord>;

struct CdrPartLimits {
  // What ReconcileCalls takes at once.
  size_t bytes = size_t{3} << 20;
  // What it tells all about.
  size_t records = 10'000;
};

// Of `text`, which must outlive them.
CdrRecords ReadCdr(std::string_view text);

// `records`, which must outlive the result, in parts, each with room for the
// first record before it, which may be titles. At least one. INVALID_ARGUMENT:
// a record that is too long.
absl::StatusOr<std::vector<CdrPart>> SplitCdr(const CdrRecords& records,
                                              const CdrPartLimits& limits);

// What ReconcileCalls takes: `part`, behind `titles` if it is not nullptr.
std::string TextOf(const CdrRecord* titles, const CdrPart& part);

// Adds what came of TextOf(titles, part) to `whole`. False if some of it began
// before what `whole` is of: one call may have been found for records of both.
bool AddPart(const CdrRecord* titles, const CdrPart& part,
             v1::ReconcileCallsResponse found,
             v1::ReconcileCallsResponse& whole);

// By their starts, as `found` of all of them tells, but for titles.
void SortByStart(const v1::ReconcileCallsResponse& found, CdrRecords& records);

// After the last part: records as in the file; a call that one part has no
// record of may be another one's.
void FinishParts(v1::ReconcileCallsResponse& whole);

}  // namespace callbraid::cli

#endif  // CALLBRAID_COLLECTOR_CLI_CDR_PARTS_H_
