#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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
    flags.String("number", "PREFIX",
                 "only calls from or to numbers that begin so",
                 *request_.mutable_number_prefix());
    flags.String("text", "TEXT",
                 "only calls with this in a number or name, in whatever case",
                 *request_.mutable_text());
    flags.String("site", "SITE", "only calls of which any was seen there",
                 *request_.mutable_site());
    flags.String("sensor", "ID", "only calls of which this sensor saw any",
                 *request_.mutable_sensor());
    flags.Value("state", "STATE,...",
                "only setup, ringing, active, completed, unanswered",
                [this](const std::string& value) { return AddStates(value); });
    flags.Value("flag", "FLAG,...",
                "only with one of these notes: one-way, no-media...",
                [this](const std::string& value) { return AddFlags(value); });
    AddLengthFlag(flags, "longer", "only calls that last at least so long",
                  &v1::ListCallsRequest::mutable_min_length);
    AddLengthFlag(flags, "shorter", "only calls that last less",
                  &v1::ListCallsRequest::mutable_max_length);
    AddMosFlag(flags, "mos-below",
               "only calls that could be heard less well (MOS, 1 to 5)",
               &v1::ListCallsRequest::set_max_mos);
    AddMosFlag(flags, "mos-above", "only calls that could be heard so well",
               &v1::ListCallsRequest::set_min_mos);
    flags.String("tag", "TAG", "only calls with this tag",
                 *request_.mutable_tag());
    flags.Switch("on-hold", "only calls on legal hold", on_hold_);
    flags.Value("limit", "N", "at most so many; default 50, 0 for all",
                [this](const std::string& value) -> absl::Status {
                  if (absl::SimpleAtoi(value, &limit_)) return absl::OkStatus();
                  return absl::InvalidArgumentError(
                      absl::StrCat("'", value, "' is not a number"));
                });
  }

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    RETURN_IF_ERROR(SetTimes(session));
    request_.set_on_hold(on_hold_);
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
  absl::Status AddStates(const std::string& value) {
    const std::vector<std::string> words = absl::StrSplit(value, ',');
    for (const std::string& word : words) {
      ASSIGN_OR_RETURN(const v1::CallState state, ParseState(word));
      request_.add_states(state);
    }
    return absl::OkStatus();
  }

  absl::Status AddFlags(const std::string& value) {
    const std::vector<std::string> words = absl::StrSplit(value, ',');
    for (const std::string& word : words) {
      ASSIGN_OR_RETURN(const v1::CallFlag flag, ParseFlag(word));
      request_.add_flags(flag);
    }
    return absl::OkStatus();
  }

  void AddLengthFlag(
      Flags& flags, const char* name, const char* help,
      google::protobuf::Duration* (v1::ListCallsRequest::*field)()) {
    flags.Value(name, "LENGTH", help,
                [this, field](const std::string& value) -> absl::Status {
                  ASSIGN_OR_RETURN(const absl::Duration length,
                                   ParseLength(value));
                  *(request_.*field)() = FromDuration(length);
                  return absl::OkStatus();
                });
  }

  void AddMosFlag(Flags& flags, const char* name, const char* help,
                  void (v1::ListCallsRequest::*set)(double)) {
    flags.Value(name, "MOS", help,
                [this, set](const std::string& value) -> absl::Status {
                  double mos = 0;
                  if (!absl::SimpleAtod(value, &mos)) {
                    return absl::InvalidArgumentError(
                        absl::StrCat("'", value, "' is not a number"));
                  }
                  (request_.*set)(mos);
                  return absl::OkStatus();
                });
  }

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

  v1::ListCallsRequest request_;
  std::string from_;
  std::string to_;
  bool on_hold_ = false;
  uint64_t limit_ = 50;
};

}  // namespace

std::unique_ptr<Command> CallsList() { return std::make_unique<ListCommand>(); }

}  // namespace callbraid::cli
