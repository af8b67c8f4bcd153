#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "collector/cli/call_selection.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "common/base/absl_string.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

constexpr uint32_t kPageSize = 500;

class ListCommand final : public Command {
 public:
  ListCommand()
      : Command({"calls list",
                 {},
                 "calls by start time, newest first",
                 "TIME is 2026-11-23 09:21, 09:21 (today), RFC 3339, today, "
                 "yesterday,\nor how long ago: 90m, 2h, 3d. LENGTH is 90s, 5m, "
                 "1h30m. All conditions must hold.\n"}) {}

  void AddFlags(Flags& flags) override {
    flags.String("from", "TIME", "only calls that start at or after", from_);
    flags.String("to", "TIME", "only calls that start before", to_);
    conditions_.AddFlags(flags);
    conditions_.AddSearchFlags(flags);
    flags.Value("limit", "N", "at most so many; default 50, 0 for all",
                [this](const std::string& value) -> absl::Status {
                  if (absl::SimpleAtoi(value, &limit_)) return absl::OkStatus();
                  return absl::InvalidArgumentError(
                      absl::StrCat("'", value, "' is not a number"));
                });
  }

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    request_ = conditions_.Request();
    RETURN_IF_ERROR(SetTimes(session));
    std::vector<v1::Call> calls;
    uint64_t listed = 0;
    bool more = true;
    while (more && (limit_ == 0 || listed < limit_)) {
      ASSIGN_OR_RETURN(const v1::ListCallsResponse page,
                       NextPage(session, listed));
      for (const v1::Call& call : page.calls()) {
        if (session.json) {
          session.out << ToJson(call) << '\n';
        } else {
          calls.push_back(call);
        }
      }
      listed += page.calls_size();
      more = !page.next_page_token().empty();
      request_.set_page_token(page.next_page_token());
    }
    if (session.json) return absl::OkStatus();
    if (calls.empty()) {
      session.err << "no calls\n";
      return absl::OkStatus();
    }
    session.out << RenderCalls(calls, session.Now(), session.zone);
    if (more) {
      session.err << "and more; --limit 0 lists all, --to continues\n";
    }
    return absl::OkStatus();
  }

 private:
  absl::Status SetTime(Session& session, const char* flag,
                       const std::string& text,
                       google::protobuf::Timestamp* target) {
    const auto time = ParseTimeArgument(text, session.Now(), session.zone);
    if (!time.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(flag, ": ", time.status().message()));
    }
    *target = FromTime(*time);
    return absl::OkStatus();
  }

  absl::Status SetTimes(Session& session) {
    if (!from_.empty()) {
      RETURN_IF_ERROR(
          SetTime(session, "--from", from_, request_.mutable_start_from()));
    }
    if (!to_.empty()) {
      RETURN_IF_ERROR(
          SetTime(session, "--to", to_, request_.mutable_start_before()));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<v1::ListCallsResponse> NextPage(Session& session,
                                                 uint64_t listed) {
    request_.set_page_size(limit_ == 0
                               ? kPageSize
                               : static_cast<uint32_t>(std::min<uint64_t>(
                                     kPageSize, limit_ - listed)));
    return session.collector.ListCalls(request_);
  }

  CallConditions conditions_;
  std::string from_;
  std::string to_;
  uint64_t limit_ = 50;
  v1::ListCallsRequest request_;
};

}  // namespace

std::unique_ptr<Command> CallsList() { return std::make_unique<ListCommand>(); }

}  // namespace callbraid::cli
