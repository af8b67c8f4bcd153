#ifndef CALLBRAID_COLLECTOR_WEB_HEADER_LINE_H_
#define CALLBRAID_COLLECTOR_WEB_HEADER_LINE_H_

#include <algorithm>
#include <cstddef>
#include <string>

#include "absl/strings/str_join.h"
#include "google/protobuf/repeated_field.h"

namespace callbraid::collector {

// Findings in one line of a header, 1,000 characters at most.
inline std::string InOneLine(
    const google::protobuf::RepeatedPtrField<std::string>& findings) {
  constexpr size_t kMost = 1000;
  std::string line = absl::StrJoin(findings, "; ");
  line.resize(std::min(line.size(), kMost));
  for (char& character : line) {
    if (character < ' ' || character > '~') character = '?';
  }
  return line;
}

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_HEADER_LINE_H_
