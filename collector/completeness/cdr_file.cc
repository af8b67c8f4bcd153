#include "collector/completeness/cdr_file.h"

#include <array>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "collector/completeness/cdr_columns.h"
#include "collector/completeness/csv.h"
#include "common/base/status_macros.h"
#include "common/bytes/utf8.h"
#include "common/sip/sip_number.h"

namespace callbraid::collector {
namespace {

// Day before month only where dots or month first cannot be meant.
constexpr std::array<const char*, 9> kTimeFormats = {
    "%Y-%m-%d %H:%M:%E*S",    "%Y-%m-%dT%H:%M:%E*S", "%Y-%m-%d %H:%M:%E*S%Ez",
    "%Y-%m-%dT%H:%M:%E*S%Ez", "%Y/%m/%d %H:%M:%E*S", "%d.%m.%Y %H:%M:%E*S",
    "%Y-%m-%d %H:%M",         "%d.%m.%Y %H:%M",      "%Y%m%d%H%M%S"};
// Numbers are seconds since 1970 from here on (2001), or milliseconds.
constexpr double kFirstEpoch = 1e9;
constexpr double kFirstEpochMs = 1e11;
constexpr double kLastEpochMs = 1e13;
constexpr size_t kMaxTextBytes = 64;
constexpr double kLongestTalk = 1e7;  // Seconds: four months.

std::optional<absl::Time> ParseTime(const std::string& text,
                                    const CdrFileOptions& options) {
  absl::Time time;
  std::string error;
  if (!options.time_format.empty()) {
    if (!absl::ParseTime(options.time_format, text, options.zone, &time,
                         &error)) {
      return std::nullopt;
    }
    return time;
  }
  double number = 0;
  if (text.size() < 14 && absl::SimpleAtod(text, &number)) {
    if (!(number >= kFirstEpoch && number < kLastEpochMs)) return std::nullopt;
    return absl::UnixEpoch() +
           absl::Seconds(number >= kFirstEpochMs ? number / 1e3 : number);
  }
  for (const char* format : kTimeFormats) {
    if (absl::ParseTime(format, text, options.zone, &time, &error)) return time;
  }
  return std::nullopt;
}

// "75", "75.2", "1:15", "0:01:15".
std::optional<absl::Duration> ParseTalk(const std::string& text) {
  double seconds = 0;
  const std::vector<std::string> parts = absl::StrSplit(text, ':');
  if (parts.size() > 3) return std::nullopt;
  for (const std::string& part : parts) {
    double number = 0;
    if (!absl::SimpleAtod(part, &number) || !(number >= 0)) return std::nullopt;
    seconds = seconds * 60 + number;
  }
  if (!(seconds < kLongestTalk)) return std::nullopt;
  return absl::Seconds(seconds);
}

// A number as it stands, an address, or a URI.
std::string PartyOf(const std::string& cell) {
  for (const char* scheme : {"sip:", "sips:", "tel:"}) {
    if (absl::StartsWith(cell, scheme)) {
      return ToUtf8(PlainUser(cell), kMaxTextBytes);
    }
  }
  return ToUtf8(PlainUser(absl::StrCat(
                    "sip:", cell, absl::StrContains(cell, '@') ? "" : "@pbx")),
                kMaxTextBytes);
}

class RowReader {
 public:
  RowReader(CdrLayout layout, const CdrFileOptions& options)
      : layout_(std::move(layout)), options_(options) {}

  std::optional<CdrRow> Read(const CsvRecord& record) const {
    CdrRow row;
    const auto start = Time(record, CdrField::kStart);
    if (!start) return std::nullopt;
    row.start = *start;
    row.caller = PartyOf(Cell(record, CdrField::kCaller));
    row.callee = PartyOf(Cell(record, CdrField::kCallee));
    row.id = ToUtf8(Cell(record, CdrField::kId), kMaxTextBytes);
    const auto answer = Time(record, CdrField::kAnswer);
    const auto end = Time(record, CdrField::kEnd);
    const auto talk = ParseTalk(Cell(record, CdrField::kTalk));
    if (talk) {
      row.talk = *talk;
    } else if (answer && end && *end > *answer) {
      row.talk = *end - *answer;
    }
    row.answered = IsAnswered(record, answer.has_value(), row.talk);
    if (!row.answered) row.talk = absl::ZeroDuration();
    return row;
  }

 private:
  std::string Cell(const CsvRecord& record, CdrField field) const {
    const auto column = ColumnOf(layout_.columns, field);
    if (!column || *column >= record.size()) return "";
    return std::string(absl::StripAsciiWhitespace(record[*column]));
  }
  std::optional<absl::Time> Time(const CsvRecord& record,
                                 CdrField field) const {
    return ParseTime(Cell(record, field), options_);
  }
  // Who was answered at all talked, if only for less than a second; a duration
  // alone may include the ringing.
  bool IsAnswered(const CsvRecord& record, bool has_answer,
                  absl::Duration talk) const {
    const std::string status = Cell(record, CdrField::kStatus);
    if (absl::EqualsIgnoreCase(status, "ANSWERED")) return true;
    if (absl::EqualsIgnoreCase(status, "NO ANSWER") ||
        absl::EqualsIgnoreCase(status, "NOANSWER") ||
        absl::EqualsIgnoreCase(status, "BUSY") ||
        absl::EqualsIgnoreCase(status, "FAILED") ||
        absl::EqualsIgnoreCase(status, "CONGESTION")) {
      return false;
    }
    if (ColumnOf(layout_.columns, CdrField::kAnswer)) return has_answer;
    return talk > absl::ZeroDuration();
  }

  const CdrLayout layout_;
  const CdrFileOptions& options_;
};

}  // namespace

absl::StatusOr<CdrFile> ParseCdrFile(std::string_view text,
                                     const CdrFileOptions& options) {
  if (text.size() > kMaxCdrBytes) {
    return absl::InvalidArgumentError(
        "cdr: more than 3 MiB: give it in parts, such as a day each");
  }
  CdrFile file;
  size_t records = 0;
  std::optional<RowReader> reader;
  RETURN_IF_ERROR(ParseCsv(text, [&](const CsvRecord& record) -> absl::Status {
    ++records;
    if (!reader) {
      ASSIGN_OR_RETURN(CdrLayout layout,
                       FindCdrLayout(record, options.columns));
      file.layout = layout.name;
      file.has_titles = layout.has_titles;
      reader.emplace(std::move(layout), options);
      if (file.has_titles) return absl::OkStatus();
    }
    if (records > kMaxCdrRecords) {
      return absl::InvalidArgumentError(
          absl::StrCat("cdr: more than ", kMaxCdrRecords,
                       " records: give it in parts, such as a day each"));
    }
    auto row = reader->Read(record);
    if (row) {
      row->record = records;
      file.rows.push_back(*std::move(row));
    } else if (file.unread++ == 0) {
      file.first_unread = records;
    }
    return absl::OkStatus();
  }));
  if (records == 0) return absl::InvalidArgumentError("cdr: it is empty");
  if (!file.rows.empty()) return file;
  return absl::InvalidArgumentError(
      "time_format: no record has a time that can be read: say how they are "
      "written, such as '%m/%d/%Y %H:%M:%S'");
}

}  // namespace callbraid::collector
