#ifndef CALLBRAID_COLLECTOR_COMPLETENESS_CSV_H_
#define CALLBRAID_COLLECTOR_COMPLETENESS_CSV_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace callbraid::collector {

// One line, unless a quoted field has several.
using CsvRecord = std::vector<std::string>;

// Comma-separated values (RFC 4180), or separated by whichever of ',', ';', tab
// and '|' the first line has most of. Empty lines are left out, a byte order
// mark too. INVALID_ARGUMENT: quotes that do not fit.
absl::StatusOr<std::vector<CsvRecord>> ParseCsv(std::string_view text);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COMPLETENESS_CSV_H_
