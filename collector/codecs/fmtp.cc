#include "collector/codecs/fmtp.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/base/absl_string.h"

namespace callbraid::collector {

std::optional<uint32_t> FmtpNumber(std::string_view fmtp,
                                   std::string_view parameter) {
  for (const absl::string_view part : absl::StrSplit(ToAbsl(fmtp), ';')) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    uint32_t number = 0;
    if (absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(pair.first),
                               ToAbsl(parameter)) &&
        absl::SimpleAtoi(absl::StripAsciiWhitespace(pair.second), &number)) {
      return number;
    }
  }
  return std::nullopt;
}

}  // namespace callbraid::collector
