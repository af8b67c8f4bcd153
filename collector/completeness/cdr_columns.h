#ifndef CALLBRAID_COLLECTOR_COMPLETENESS_CDR_COLUMNS_H_
#define CALLBRAID_COLLECTOR_COMPLETENESS_CDR_COLUMNS_H_

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "collector/completeness/csv.h"

namespace callbraid::collector {

// What a column of a PBX's call detail records may say.
enum class CdrField {
  kCaller,
  kCallee,
  kStart,
  kAnswer,
  kEnd,
  kTalk,    // Seconds, or h:mm:ss, that the parties were connected.
  kStatus,  // Whether it was answered.
  kId,
};
inline constexpr size_t kCdrFields = 8;

// Where each is; nullopt: nowhere.
using CdrColumns = std::array<std::optional<size_t>, kCdrFields>;

inline std::optional<size_t> ColumnOf(const CdrColumns& columns,
                                      CdrField field) {
  return columns[static_cast<size_t>(field)];
}

struct CdrLayout {
  // "Asterisk", "FreeSWITCH", "Cisco UCM", "with titles", or "by columns".
  std::string name;
  bool has_titles = false;
  CdrColumns columns;
};

// How a file is laid out, by its first record: the titles of its columns as the
// common PBXs have them, or those that write none by what stands where.
// `wanted` goes first: "caller=src,callee=3,talk=Billed Seconds", each a title
// or the number of a column from 1 on. INVALID_ARGUMENT, in one line that
// begins with "columns: ": unknown, and what to do.
absl::StatusOr<CdrLayout> FindCdrLayout(const CsvRecord& first,
                                        std::string_view wanted);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COMPLETENESS_CDR_COLUMNS_H_
