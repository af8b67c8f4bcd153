#include "collector/cli/stream_id.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {

absl::StatusOr<std::string> WholeStreamId(CollectorClient& collector,
                                          const std::string& call_id,
                                          const std::string& beginning) {
  ASSIGN_OR_RETURN(const v1::Call call, collector.GetCall(call_id));
  std::string found;
  for (const v1::Stream& stream : call.streams()) {
    if (!absl::StartsWithIgnoreCase(stream.id(), beginning)) continue;
    if (!found.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "more than one stream of the call begins with ", beginning));
    }
    found = stream.id();
  }
  if (found.empty()) {
    return absl::NotFoundError(
        absl::StrCat("the call has no stream ", beginning));
  }
  return found;
}

}  // namespace callbraid::cli
