#include "collector/cli/cdr_parts.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "collector/cli/format.h"

namespace callbraid::cli {
namespace {

// Where the record at the beginning of `text` ends (RFC 4180): behind the first
// end of line that stands in no quotes.
size_t RecordBytes(std::string_view text) {
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '\n' && !quoted) return i + 1;
  }
  return text.size();
}

// The collector leaves out empty lines.
bool IsRecord(std::string_view line) {
  return line.find_first_not_of(" \t\r\n") != std::string_view::npos;
}

void AddCounts(const v1::ReconcileCallsResponse& part,
               v1::ReconcileCallsResponse& whole) {
  std::map<v1::Wholeness, uint64_t> sums;
  for (const auto* response : {&std::as_const(whole), &part}) {
    for (const v1::WholenessCount& count : response->counts()) {
      sums[count.wholeness()] += count.calls();
    }
  }
  whole.clear_counts();
  for (const auto& [wholeness, calls] : sums) {
    v1::WholenessCount& count = *whole.add_counts();
    count.set_wholeness(wholeness);
    count.set_calls(calls);
  }
}

}  // namespace

std::string_view FirstRecord(std::string_view text) {
  return text.substr(0, RecordBytes(text));
}

absl::StatusOr<std::vector<CdrPart>> SplitCdr(std::string_view text,
                                              const CdrPartLimits& limits) {
  const size_t titles = RecordBytes(text);
  std::vector<CdrPart> parts;
  size_t begin = 0;
  size_t end = 0;
  uint64_t records = 0;
  uint64_t records_before = 0;
  while (end < text.size()) {
    const size_t bytes = RecordBytes(text.substr(end));
    if (titles + bytes > limits.bytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "record ", records + 1, " is longer than ", Bytes(limits.bytes / 2),
          ", which no call detail record is"));
    }
    if (titles + (end - begin) + bytes > limits.bytes ||
        records - records_before == limits.records) {
      parts.push_back({text.substr(begin, end - begin), records_before});
      begin = end;
      records_before = records;
    }
    records += IsRecord(text.substr(end, bytes));
    end += bytes;
  }
  parts.push_back({text.substr(begin), records_before});
  return parts;
}

void AddPart(v1::ReconcileCallsResponse part, uint64_t shift_records,
             v1::ReconcileCallsResponse& whole) {
  const bool is_first = whole.layout().empty();
  if (is_first) {
    whole.set_layout(part.layout());
    whole.set_has_titles(part.has_titles());
  }
  const auto earlier = [](const auto& a, const auto& b) {
    return std::tuple(a.seconds(), a.nanos()) <
           std::tuple(b.seconds(), b.nanos());
  };
  if (is_first || earlier(part.first_start(), whole.first_start())) {
    *whole.mutable_first_start() = part.first_start();
  }
  if (is_first || earlier(whole.last_start(), part.last_start())) {
    *whole.mutable_last_start() = part.last_start();
  }
  if (whole.unread() == 0 && part.unread() > 0) {
    whole.set_first_unread(part.first_unread() + shift_records);
  }
  whole.set_unread(whole.unread() + part.unread());
  whole.set_answered(whole.answered() + part.answered());
  whole.set_missing(whole.missing() + part.missing());
  whole.set_shorter(whole.shorter() + part.shorter());
  AddCounts(part, whole);
  whole.set_unanswered(whole.unanswered() + part.unanswered());
  whole.set_unanswered_seen(whole.unanswered_seen() + part.unanswered_seen());
  whole.set_extra(whole.extra() + part.extra());
  if (!whole.has_shift() && part.has_shift()) {
    *whole.mutable_shift() = part.shift();
  }
  for (v1::ReconciledRecord& record : *part.mutable_records()) {
    record.set_record(record.record() + shift_records);
    *whole.add_records() = std::move(record);
  }
  for (v1::ExtraCall& call : *part.mutable_extra_calls()) {
    *whole.add_extra_calls() = std::move(call);
  }
}

void FinishParts(v1::ReconcileCallsResponse& whole) {
  std::sort(
      whole.mutable_records()->begin(), whole.mutable_records()->end(),
      [](const auto& a, const auto& b) { return a.record() < b.record(); });
  std::set<std::string> told;
  for (const v1::ReconciledRecord& record : whole.records()) {
    told.insert(record.call_id());
  }
  auto& extra = *whole.mutable_extra_calls();
  const auto others = std::remove_if(
      extra.begin(), extra.end(), [&told](const v1::ExtraCall& call) {
        return !told.insert(call.call_id()).second;
      });
  const auto removed = static_cast<uint64_t>(extra.end() - others);
  extra.erase(others, extra.end());
  whole.set_extra(whole.extra() - removed);
}

}  // namespace callbraid::cli
