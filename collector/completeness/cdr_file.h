#ifndef CALLBRAID_COLLECTOR_COMPLETENESS_CDR_FILE_H_
#define CALLBRAID_COLLECTOR_COMPLETENESS_CDR_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace callbraid::collector {

// A call as a PBX tells of it.
struct CdrRow {
  // Of the file, from 1 on; titles count.
  size_t record = 0;
  // As PlainUser() has them, in UTF-8; "" if the PBX does not say.
  std::string caller;
  std::string callee;
  absl::Time start;
  bool answered = false;
  // How long they were connected.
  absl::Duration talk;
  std::string id;  // At most 64 bytes.
};

struct CdrFile {
  std::string layout;  // CdrLayout::name
  bool has_titles = false;
  std::vector<CdrRow> rows;  // As in the file.
  // Records without a time that can be read, such as a line of types.
  size_t unread = 0;
  size_t first_unread = 0;  // Number of the first.
};

struct CdrFileOptions {
  std::string columns = {};  // For FindCdrLayout().
  // Of times that do not say their zone.
  absl::TimeZone zone = {};
  // For absl::ParseTime(); empty: the usual ones.
  std::string time_format = {};
};

// What is taken at once.
inline constexpr size_t kMaxCdrBytes = size_t{3} << 20;
inline constexpr size_t kMaxCdrRecords = 100'000;

// Reads the call detail records of a PBX. INVALID_ARGUMENT, in one line that
// begins with the field of ReconcileCallsRequest: what is wrong, and what to
// do.
absl::StatusOr<CdrFile> ParseCdrFile(std::string_view text,
                                     const CdrFileOptions& options);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COMPLETENESS_CDR_FILE_H_
