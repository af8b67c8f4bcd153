#include "collector/cli/cdr_parts.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
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

std::pair<int64_t, int32_t> InOrder(const google::protobuf::Timestamp& time) {
  return {time.seconds(), time.nanos()};
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

CdrRecords ReadCdr(std::string_view text) {
  // A byte order mark, which is of use at the beginning of the first part only.
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  CdrRecords records;
  while (!text.empty()) {
    const std::string_view record = text.substr(0, RecordBytes(text));
    text.remove_prefix(record.size());
    if (IsRecord(record)) records.push_back({record, records.size() + 1});
  }
  return records;
}

absl::StatusOr<std::vector<CdrPart>> SplitCdr(const CdrRecords& records,
                                              const CdrPartLimits& limits) {
  // And an end of line that the last record may lack.
  const size_t titles = records.empty() ? 0 : records[0].text.size() + 1;
  std::vector<CdrPart> parts;
  size_t begin = 0;
  size_t bytes = titles;
  for (size_t i = 0; i < records.size(); ++i) {
    const size_t more = records[i].text.size();
    if (titles + more > limits.bytes) {
      return absl::InvalidArgumentError(absl::StrCat(
          "record ", records[i].number, " is longer than ",
          Bytes(limits.bytes / 2), ", which no call detail record is"));
    }
    if (bytes + more > limits.bytes || i - begin == limits.records) {
      parts.push_back(CdrPart(records).subspan(begin, i - begin));
      begin = i;
      bytes = titles;
    }
    bytes += more;
  }
  parts.push_back(CdrPart(records).subspan(begin));
  return parts;
}

std::string TextOf(const CdrRecord* titles, const CdrPart& part) {
  std::string text;
  if (titles != nullptr) text = std::string(titles->text);
  for (const CdrRecord& record : part) {
    text += record.text;
    if (!record.text.ends_with('\n')) text += '\n';
  }
  return text;
}

bool AddPart(const CdrRecord* titles, const CdrPart& part_of,
             v1::ReconcileCallsResponse part,
             v1::ReconcileCallsResponse& whole) {
  const auto number_of = [&](uint64_t record) {
    const uint64_t index = record - (titles == nullptr ? 1 : 2);
    return index < part_of.size() ? part_of[index].number : 0;
  };
  const bool is_first = whole.layout().empty();
  if (is_first) {
    whole.set_layout(part.layout());
    whole.set_has_titles(part.has_titles());
  }
  const auto first = InOrder(part.first_start());
  const bool is_later = is_first || InOrder(whole.last_start()) <= first;
  if (is_first || first < InOrder(whole.first_start())) {
    *whole.mutable_first_start() = part.first_start();
  }
  if (is_first || InOrder(whole.last_start()) < InOrder(part.last_start())) {
    *whole.mutable_last_start() = part.last_start();
  }
  if (part.unread() > 0) {
    const uint64_t unread = number_of(part.first_unread());
    whole.set_first_unread(
        whole.unread() == 0 ? unread : std::min(whole.first_unread(), unread));
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
    record.set_record(number_of(record.record()));
    *whole.add_records() = std::move(record);
  }
  for (v1::ExtraCall& call : *part.mutable_extra_calls()) {
    *whole.add_extra_calls() = std::move(call);
  }
  return is_later;
}

void SortByStart(const v1::ReconcileCallsResponse& found, CdrRecords& records) {
  absl::flat_hash_map<uint64_t, std::pair<int64_t, int32_t>> starts;
  for (const v1::ReconciledRecord& record : found.records()) {
    starts[record.record()] = InOrder(record.start());
  }
  // What has no start that can be read stays behind what it stands behind.
  std::pair<int64_t, int32_t> last = {INT64_MIN, 0};
  for (const CdrRecord& record : records) {
    last = starts.try_emplace(record.number, last).first->second;
  }
  std::stable_sort(records.begin() + (found.has_titles() ? 1 : 0),
                   records.end(),
                   [&starts](const CdrRecord& a, const CdrRecord& b) {
                     return starts[a.number] < starts[b.number];
                   });
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
