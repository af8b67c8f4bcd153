#include "collector/cli/call_selection.h"

#include "absl/strings/str_cat.h"
#include "collector/cli/format.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

constexpr uint32_t kPageSize = 500;

absl::StatusOr<google::protobuf::Timestamp> TimeOf(const Session& session,
                                                   const char* flag,
                                                   const std::string& text) {
  const auto time = ParseTimeArgument(text, session.Now(), session.zone);
  if (time.ok()) return FromTime(*time);
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": ", time.status().message()));
}

}  // namespace

void CallSelection::AddFlags(Flags& flags) {
  flags.String("number", "PREFIX",
               "instead of IDs: all calls from or to numbers that begin so",
               number_);
  flags.String("from", "TIME", "of those that start at or after", from_);
  flags.String("to", "TIME", "of those that start before", to_);
}

absl::StatusOr<std::vector<v1::Call>> CallSelection::List(
    Session& session) const {
  v1::ListCallsRequest request;
  request.set_number_prefix(number_);
  request.set_page_size(kPageSize);
  if (!from_.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_start_from(),
                     TimeOf(session, "--from", from_));
  }
  if (!to_.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_start_before(),
                     TimeOf(session, "--to", to_));
  }
  std::vector<v1::Call> calls;
  do {
    ASSIGN_OR_RETURN(const v1::ListCallsResponse page,
                     session.collector.ListCalls(request));
    calls.insert(calls.end(), page.calls().begin(), page.calls().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return calls;
}

absl::StatusOr<std::vector<v1::Call>> CallSelection::Find(
    Session& session, const std::vector<std::string>& ids) const {
  const bool listed = !number_.empty() || !from_.empty() || !to_.empty();
  if (listed == !ids.empty()) {
    return absl::InvalidArgumentError(
        "which calls? Give IDs, or --number, --from and --to");
  }
  if (listed) return List(session);
  std::vector<v1::Call> calls;
  for (const std::string& id : ids) {
    ASSIGN_OR_RETURN(calls.emplace_back(), session.collector.GetCall(id));
  }
  return calls;
}

}  // namespace callbraid::cli
