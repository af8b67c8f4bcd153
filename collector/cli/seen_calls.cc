#include "collector/cli/seen_calls.h"

#include "collector/cli/format.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {

absl::StatusOr<std::vector<SeenCall>> SeenCalls(Session& session,
                                                absl::Time from,
                                                absl::Time before) {
  constexpr uint32_t kPageSize = 500;
  v1::ListCallsRequest request;
  request.set_page_size(kPageSize);
  *request.mutable_start_from() = FromTime(from);
  *request.mutable_start_before() = FromTime(before);
  std::vector<SeenCall> seen;
  do {
    ASSIGN_OR_RETURN(const v1::ListCallsResponse page,
                     session.collector.ListCalls(request));
    for (const v1::Call& call : page.calls()) {
      seen.push_back(collector::Summarise(call, session.Now()));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return seen;
}

}  // namespace callbraid::cli
