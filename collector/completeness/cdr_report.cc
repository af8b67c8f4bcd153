#include "collector/completeness/cdr_report.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/completeness/cdr_file.h"
#include "collector/completeness/day_counts.h"
#include "collector/completeness/reconcile.h"
#include "collector/completeness/time_zone.h"
#include "collector/store/proto_time.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Calls that begin so long before the file does may have legs in it.
constexpr absl::Duration kLongCall = absl::Hours(4);
constexpr size_t kMaxOptionBytes = 1000;

google::protobuf::Timestamp ToProto(absl::Time time) {
  return ToTimestamp(absl::ToUnixNanos(time));
}

google::protobuf::Duration ToProto(absl::Duration duration) {
  google::protobuf::Duration proto;
  proto.set_seconds(absl::IDivDuration(duration, absl::Seconds(1), &duration));
  proto.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(duration)));
  return proto;
}

absl::StatusOr<absl::Duration> DurationOf(
    bool is_set, const google::protobuf::Duration& duration,
    absl::Duration otherwise, absl::Duration longest, const char* field) {
  if (!is_set) return otherwise;
  const absl::Duration value =
      absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
  if (value >= absl::ZeroDuration() && value <= longest) return value;
  return absl::InvalidArgumentError(absl::StrCat(
      field, ": must be from 0 to ", absl::FormatDuration(longest)));
}

absl::StatusOr<CdrFile> FileOf(const v1::ReconcileCallsRequest& request) {
  for (const auto& [text, field] :
       {std::pair(&request.columns(), "columns"),
        std::pair(&request.time_format(), "time_format")}) {
    if (text->size() <= kMaxOptionBytes) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(field, ": longer than ", kMaxOptionBytes, " bytes"));
  }
  CdrFileOptions options;
  options.columns = request.columns();
  options.time_format = request.time_format();
  ASSIGN_OR_RETURN(options.zone, FindTimeZone(request.time_zone()));
  return ParseCdrFile(request.cdr(), options);
}

absl::StatusOr<ReconcileOptions> OptionsOf(
    const v1::ReconcileCallsRequest& request) {
  ReconcileOptions options;
  ASSIGN_OR_RETURN(options.tolerance,
                   DurationOf(request.has_tolerance(), request.tolerance(),
                              options.tolerance, absl::Hours(1), "tolerance"));
  ASSIGN_OR_RETURN(options.slack,
                   DurationOf(request.has_slack(), request.slack(),
                              options.slack, absl::Hours(24), "slack"));
  return options;
}

std::pair<absl::Time, absl::Time> TimeOf(const std::vector<CdrRow>& rows) {
  const auto [first, last] = std::minmax_element(
      rows.begin(), rows.end(),
      [](const CdrRow& a, const CdrRow& b) { return a.start < b.start; });
  return {first->start, last->start};
}

absl::StatusOr<std::vector<SeenCall>> SeenCalls(absl::Time from,
                                                absl::Time before,
                                                const CdrLimits& limits,
                                                CallReader& calls) {
  std::vector<SeenCall> seen;
  size_t parties = 0;
  ASSIGN_OR_RETURN(const bool all, calls.Read(from, before, [&](SeenCall call) {
    parties += call.parties.size();
    if (seen.size() == limits.calls || parties > limits.parties) return false;
    seen.push_back(std::move(call));
    return true;
  }));
  if (all) return seen;
  return absl::FailedPreconditionError(absl::StrCat(
      "there are more calls in the time of these records than can be compared "
      "at once: give the file in parts of less time"));
}

// Of the kinds of outcomes, worst first.
int RankOf(const Reconciled& one) {
  constexpr int kNotWorthALook = v1::Wholeness_ARRAYSIZE;
  if (!one.row->answered) return kNotWorthALook;
  if (one.call == nullptr) return -1;
  if (one.Wholeness() != v1::WHOLENESS_WHOLE) {
    return v1::Wholeness_ARRAYSIZE - 1 - one.Wholeness();
  }
  return one.is_short ? kNotWorthALook - 1 : kNotWorthALook;
}

void SetRecord(const Reconciled& one, v1::ReconciledRecord& record) {
  record.set_record(one.row->record);
  record.set_id(one.row->id);
  record.set_caller(one.row->caller);
  record.set_callee(one.row->callee);
  *record.mutable_start() = ToProto(one.row->start);
  record.set_answered(one.row->answered);
  *record.mutable_talk() = ToProto(one.row->talk);
  if (one.call == nullptr) return;
  record.set_call_id(one.call->id);
  if (one.row->answered) record.set_wholeness(one.Wholeness());
  *record.mutable_recorded() = ToProto(one.call->recorded);
  record.set_shorter(one.is_short);
}

void SetRecords(const Reconciliation& found, size_t most,
                v1::ReconcileCallsResponse& response) {
  std::vector<const Reconciled*> ranked;
  ranked.reserve(found.rows.size());
  for (const Reconciled& one : found.rows) ranked.push_back(&one);
  std::sort(ranked.begin(), ranked.end(),
            [](const Reconciled* a, const Reconciled* b) {
              return std::tuple(RankOf(*a), a->row->start, a->row->record) <
                     std::tuple(RankOf(*b), b->row->start, b->row->record);
            });
  ranked.resize(std::min(ranked.size(), most));
  for (const Reconciled* one : ranked) SetRecord(*one, *response.add_records());
}

void SetTotals(const Reconciliation& found,
               v1::ReconcileCallsResponse& response) {
  WholenessCounts counts;
  uint64_t answered = 0;
  uint64_t missing = 0;
  uint64_t shorter = 0;
  uint64_t unanswered_seen = 0;
  for (const Reconciled& one : found.rows) {
    if (!one.row->answered) {
      unanswered_seen += one.call != nullptr;
      continue;
    }
    ++answered;
    if (one.call == nullptr) {
      ++missing;
    } else if (one.is_short && one.Wholeness() == v1::WHOLENESS_WHOLE) {
      ++shorter;
    } else {
      counts.Add(one.Wholeness());
    }
  }
  response.set_answered(answered);
  response.set_missing(missing);
  response.set_shorter(shorter);
  *response.mutable_counts() = counts.ToProto();
  response.set_unanswered(found.rows.size() - answered);
  response.set_unanswered_seen(unanswered_seen);
}

void SetExtra(const Reconciliation& found, size_t most,
              v1::ReconcileCallsResponse& response) {
  response.set_extra(found.extra.size());
  for (size_t i = 0; i < std::min(found.extra.size(), most); ++i) {
    const SeenCall& call = *found.extra[i];
    v1::ExtraCall& extra = *response.add_extra_calls();
    extra.set_call_id(call.id);
    *extra.mutable_start() = ToProto(call.start);
    if (!call.parties.empty()) {
      extra.set_caller(call.parties.front().first);
      extra.set_callee(call.parties.front().second);
    }
    *extra.mutable_talk() = ToProto(call.talk);
  }
}

std::vector<CdrRow> MissingOf(const Reconciliation& found) {
  std::vector<CdrRow> missing;
  for (const Reconciled& one : found.rows) {
    if (one.call == nullptr) missing.push_back(*one.row);
  }
  return missing;
}

// Whether what is missing would be found at other times. Left out where that
// takes too long.
absl::Status SetShift(const std::vector<CdrRow>& missing,
                      const CdrLimits& limits, CallReader& calls,
                      v1::ReconcileCallsResponse& response) {
  const absl::Duration margin = kWidestShift + absl::Hours(1);
  const auto [first, last] = TimeOf(missing);
  const auto around = SeenCalls(first - margin, last + margin, limits, calls);
  if (absl::IsFailedPrecondition(around.status())) return absl::OkStatus();
  RETURN_IF_ERROR(around.status());
  if (const auto shift = FindShift(missing, *around)) {
    *response.mutable_shift() = ToProto(*shift);
  }
  return absl::OkStatus();
}

// What became of the records, but for the shift; those that are missing.
absl::StatusOr<std::vector<CdrRow>> Compare(
    const CdrFile& file, const ReconcileOptions& options,
    const CdrLimits& limits, CallReader& calls,
    v1::ReconcileCallsResponse& response) {
  const auto [first, last] = TimeOf(file.rows);
  *response.mutable_first_start() = ToProto(first);
  *response.mutable_last_start() = ToProto(last);
  ASSIGN_OR_RETURN(const std::vector<SeenCall> seen,
                   SeenCalls(first - kLongCall,
                             last + options.tolerance + absl::Milliseconds(1),
                             limits, calls));
  ASSIGN_OR_RETURN(const Reconciliation found,
                   Reconcile(file.rows, seen, options));
  SetTotals(found, response);
  SetRecords(found, limits.records, response);
  SetExtra(found, limits.extra, response);
  return MissingOf(found);
}

}  // namespace

absl::StatusOr<v1::ReconcileCallsResponse> ReconcileCdr(
    const v1::ReconcileCallsRequest& request, const CdrLimits& limits,
    CallReader& calls) {
  ASSIGN_OR_RETURN(const ReconcileOptions options, OptionsOf(request));
  ASSIGN_OR_RETURN(const CdrFile file, FileOf(request));
  v1::ReconcileCallsResponse response;
  response.set_layout(file.layout);
  response.set_has_titles(file.has_titles);
  response.set_unread(file.unread);
  response.set_first_unread(file.first_unread);
  ASSIGN_OR_RETURN(const std::vector<CdrRow> missing,
                   Compare(file, options, limits, calls, response));
  if (missing.size() * 2 > file.rows.size()) {
    RETURN_IF_ERROR(SetShift(missing, limits, calls, response));
  }
  return response;
}

}  // namespace callbraid::collector
