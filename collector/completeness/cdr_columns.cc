#include "collector/completeness/cdr_columns.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

struct FieldNames {
  std::string_view name;
  // Titles, as Plain() has them; the first that is there counts.
  std::vector<std::string_view> titles;
};

const std::array<FieldNames, kCdrFields>& AllFields() {
  static const auto* const kFields = new std::array<FieldNames, kCdrFields>{
      FieldNames{
          "caller",
          {"src", "caller", "calleridnumber", "callingpartynumber",
           "callernumber", "from", "calling", "ani", "source", "fromnumber"}},
      {"callee",
       {"dst", "callee", "destinationnumber", "originalcalledpartynumber",
        "finalcalledpartynumber", "calleenumber", "to", "called", "dnis",
        "destination", "tonumber"}},
      {"start",
       {"start", "calldate", "startstamp", "starttime", "datetimeorigination",
        "setuptime", "time", "date"}},
      {"answer",
       {"answer", "answerstamp", "answertime", "datetimeconnect",
        "connecttime"}},
      {"end",
       {"end", "endstamp", "endtime", "datetimedisconnect", "disconnecttime"}},
      {"talk",
       {"billsec", "talktime", "billedseconds", "billseconds", "talking",
        "duration"}},
      {"status", {"disposition", "status", "hangupcause", "result"}},
      {"id", {"uniqueid", "uuid", "globalcallidcallid", "callid", "id"}}};
  return *kFields;
}

std::string Plain(std::string_view title) {
  std::string plain;
  for (const char sign : title) {
    if (absl::ascii_isalnum(sign)) plain += absl::ascii_tolower(sign);
  }
  return plain;
}

std::optional<size_t> Position(const std::vector<std::string>& titles,
                               std::string_view title) {
  const auto found = std::find(titles.begin(), titles.end(), title);
  if (found == titles.end()) return std::nullopt;
  return found - titles.begin();
}

CdrColumns ByTitles(const std::vector<std::string>& titles) {
  CdrColumns columns;
  for (size_t i = 0; i < kCdrFields; ++i) {
    for (const std::string_view title : AllFields()[i].titles) {
      if (!columns[i]) columns[i] = Position(titles, title);
    }
  }
  return columns;
}

bool IsNumber(const std::string& cell) {
  double number = 0;
  return absl::SimpleAtod(cell, &number);
}

bool IsOneOf(const std::string& cell,
             std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), cell) != words.end();
}

// cdr_csv of Asterisk: accountcode, src, dst, dcontext, clid, channel,
// dstchannel, lastapp, lastdata, start, answer, end, duration, billsec,
// disposition, amaflags, uniqueid.
std::optional<CdrLayout> Asterisk(const CsvRecord& record) {
  if (record.size() < 16 || !IsNumber(record[12]) || !IsNumber(record[13]) ||
      !IsOneOf(record[14],
               {"ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION"})) {
    return std::nullopt;
  }
  CdrColumns columns = {1, 2, 9, 10, 11, 13, 14, std::nullopt};
  if (record.size() > 16) columns[static_cast<size_t>(CdrField::kId)] = 16;
  return CdrLayout{"Asterisk", false, columns};
}

// The default template of FreeSWITCH's mod_cdr_csv: caller_id_name,
// caller_id_number, destination_number, context, start_stamp, answer_stamp,
// end_stamp, duration, billsec, hangup_cause, uuid, bleg_uuid, accountcode.
std::optional<CdrLayout> FreeSwitch(const CsvRecord& record) {
  if (record.size() < 11 || !IsNumber(record[7]) || !IsNumber(record[8])) {
    return std::nullopt;
  }
  const std::string& cause = record[9];
  const bool is_cause =
      cause.size() > 3 && std::all_of(cause.begin(), cause.end(), [](char c) {
        return absl::ascii_isupper(c) || c == '_';
      });
  if (!is_cause) return std::nullopt;
  return CdrLayout{"FreeSWITCH", false, CdrColumns{1, 2, 4, 5, 6, 8, 9, 10}};
}

std::string FieldList() {
  return absl::StrJoin(AllFields(), ", ",
                       [](std::string* out, const FieldNames& field) {
                         absl::StrAppend(out, std::string(field.name));
                       });
}

// One "field=column" of what is wanted.
absl::Status Place(const std::string& assignment,
                   const std::vector<std::string>& titles, size_t columns,
                   CdrLayout& layout) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(assignment, absl::MaxSplits('=', 1));
  const auto& fields = AllFields();
  const auto field = std::find_if(
      fields.begin(), fields.end(),
      [&](const FieldNames& one) { return one.name == Plain(parts.first); });
  if (field == fields.end()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "columns: no field '", parts.first, "'; there are ", FieldList()));
  }
  std::optional<size_t>& column = layout.columns[field - fields.begin()];
  size_t number = 0;
  if (absl::SimpleAtoi(parts.second, &number)) {
    if (number == 0 || number > columns) {
      return absl::InvalidArgumentError(absl::StrCat(
          "columns: no column ", number, "; the file has 1 to ", columns));
    }
    column = number - 1;
    return absl::OkStatus();
  }
  column = Position(titles, Plain(parts.second));
  if (column) {
    layout.has_titles = true;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("columns: no column is called '", parts.second, "'"));
}

bool IsEnough(const CdrColumns& columns) {
  return ColumnOf(columns, CdrField::kStart) &&
         (ColumnOf(columns, CdrField::kCaller) ||
          ColumnOf(columns, CdrField::kCallee));
}

}  // namespace

absl::StatusOr<CdrLayout> FindCdrLayout(const CsvRecord& first,
                                        std::string_view wanted) {
  std::vector<std::string> titles;
  for (const std::string& cell : first) titles.push_back(Plain(cell));
  CdrLayout layout{"with titles", true, ByTitles(titles)};
  if (Position(titles, "globalcallidcallid")) layout.name = "Cisco UCM";
  if (!IsEnough(layout.columns)) {
    layout = CdrLayout();
    for (const auto& known : {Asterisk(first), FreeSwitch(first)}) {
      if (known) layout = *known;
    }
  }
  if (!wanted.empty()) {
    const std::vector<std::string> assignments =
        absl::StrSplit(std::string(wanted), ',');
    for (const std::string& assignment : assignments) {
      RETURN_IF_ERROR(Place(assignment, titles, first.size(), layout));
    }
    if (layout.name.empty()) layout.name = "by columns";
  }
  if (IsEnough(layout.columns)) return layout;
  return absl::InvalidArgumentError(absl::StrCat(
      "columns: no call detail records that are known here: Asterisk, "
      "FreeSWITCH, Cisco UCM, or a first line of titles such as src, dst, "
      "start, answer, billsec; say which column is which, as in "
      "caller=2,callee=3,start=5, of ",
      FieldList()));
}

}  // namespace callbraid::collector
