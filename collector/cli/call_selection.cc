#include "collector/cli/call_selection.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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

template <typename Values, typename Value>
bool Has(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool WasSeenAt(const v1::Call& call, const std::string& site) {
  const auto was_there = [&site](const auto& part) {
    return std::any_of(
        part.observations().begin(), part.observations().end(),
        [&site](const auto& seen) { return seen.site() == site; });
  };
  return std::any_of(call.legs().begin(), call.legs().end(), was_there) ||
         std::any_of(call.streams().begin(), call.streams().end(), was_there);
}

}  // namespace

void CallConditions::AddFlags(Flags& flags) {
  flags.String("number", "PREFIX",
               "only calls from or to numbers that begin so",
               *request_.mutable_number_prefix());
  flags.String("site", "SITE", "only calls of which any was seen there",
               *request_.mutable_site());
  flags.String("sensor", "ID", "only calls of which this sensor saw any",
               *request_.mutable_sensor());
  flags.Value("state", "STATE,...",
              "only setup, ringing, active, completed, unanswered",
              [this](const std::string& value) { return AddStates(value); });
  flags.Value("flag", "FLAG,...",
              "only with one of these notes: one-way, no-media...",
              [this](const std::string& value) { return AddNotes(value); });
  AddMosFlag(flags, "mos-below",
             "only calls that could be heard less well (MOS, 1 to 5)",
             &v1::ListCallsRequest::set_max_mos);
  AddMosFlag(flags, "mos-above", "only calls that could be heard so well",
             &v1::ListCallsRequest::set_min_mos);
  flags.String("tag", "TAG", "only calls with this tag",
               *request_.mutable_tag());
  flags.Switch("on-hold", "only calls on legal hold", on_hold_);
}

void CallConditions::AddSearchFlags(Flags& flags) {
  flags.String("text", "TEXT",
               "only calls with this in a number or name, in whatever case",
               *request_.mutable_text());
  AddLengthFlag(flags, "longer", "only calls that last at least so long",
                &v1::ListCallsRequest::mutable_min_length);
  AddLengthFlag(flags, "shorter", "only calls that last less",
                &v1::ListCallsRequest::mutable_max_length);
}

absl::Status CallConditions::AddStates(const std::string& value) {
  const std::vector<std::string> words = absl::StrSplit(value, ',');
  for (const std::string& word : words) {
    ASSIGN_OR_RETURN(const v1::CallState state, ParseState(word));
    request_.add_states(state);
  }
  return absl::OkStatus();
}

absl::Status CallConditions::AddNotes(const std::string& value) {
  const std::vector<std::string> words = absl::StrSplit(value, ',');
  for (const std::string& word : words) {
    ASSIGN_OR_RETURN(const v1::CallFlag flag, ParseFlag(word));
    request_.add_flags(flag);
  }
  return absl::OkStatus();
}

void CallConditions::AddLengthFlag(
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

void CallConditions::AddMosFlag(Flags& flags, const char* name,
                                const char* help,
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

v1::ListCallsRequest CallConditions::Request() const {
  v1::ListCallsRequest request = request_;
  request.set_on_hold(on_hold_);
  return request;
}

bool CallConditions::empty() const { return Request().ByteSizeLong() == 0; }

// As the collector does it (store/call_listing.cc).
bool CallConditions::HoldFor(const v1::Call& call) const {
  const std::string& number = request_.number_prefix();
  if (!absl::StartsWith(call.caller(), number) &&
      !absl::StartsWith(call.callee(), number)) {
    return false;
  }
  if (!request_.site().empty() && !WasSeenAt(call, request_.site())) {
    return false;
  }
  if (!request_.sensor().empty() && !Has(call.sensors(), request_.sensor())) {
    return false;
  }
  if (!request_.states().empty() && !Has(request_.states(), call.state())) {
    return false;
  }
  if (!request_.flags().empty() &&
      std::find_first_of(call.flags().begin(), call.flags().end(),
                         request_.flags().begin(),
                         request_.flags().end()) == call.flags().end()) {
    return false;
  }
  if (!request_.tag().empty() &&
      !Has(call.annotation().tags(), request_.tag())) {
    return false;
  }
  return (!on_hold_ || call.has_hold()) && MosHolds(call);
}

bool CallConditions::MosHolds(const v1::Call& call) const {
  if (!request_.has_min_mos() && !request_.has_max_mos()) return true;
  const double mos = call.listening_mos();
  return call.has_listening_mos() &&
         (!request_.has_min_mos() || mos >= request_.min_mos()) &&
         (!request_.has_max_mos() || mos < request_.max_mos());
}

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
