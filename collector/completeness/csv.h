#ifndef CALLBRAID_COLLECTOR_COMPLETENESS_CSV_H_
#define CALLBRAID_COLLECTOR_COMPLETENESS_CSV_H_

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace callbraid::collector {

// One line, unless a quoted field has several.
using CsvRecord = std::vector<std::string>;

// Comma-separated values (RFC 4180), or separated by whichever of ',', ';', tab
// and '|' the first line has most of. Calls `take` with one record after the
// other, until it returns an error. Empty lines are left out, a byte order mark
// too. INVALID_ARGUMENT: quotes that do not fit, or more than 256 fields.
absl::Status ParseCsv(std::string_view text,
                      const std::function<absl::Status(CsvRecord)>& take);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COMPLETENESS_CSV_H_
