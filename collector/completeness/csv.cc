#include "collector/completeness/csv.h"

#include <csv.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxFields = 256;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

char DelimiterOf(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const auto count = [line](char sign) {
    return std::count(line.begin(), line.end(), sign);
  };
  char best = ',';
  for (const char sign : {';', '\t', '|'}) {
    if (count(sign) > count(best)) best = sign;
  }
  return best;
}

// What libcsv's callbacks fill.
struct Parsing {
  const std::function<absl::Status(CsvRecord)>& take;
  CsvRecord record;
  size_t done = 0;
  // Of the first record that was not taken; what follows is skipped.
  absl::Status status;
};

void OnField(void* field, size_t size, void* context) {
  auto& parsing = *static_cast<Parsing*>(context);
  if (!parsing.status.ok()) return;
  if (parsing.record.size() == kMaxFields) {
    parsing.status = absl::InvalidArgumentError(
        absl::StrCat("cdr: record ", parsing.done + 1, " has more than ",
                     kMaxFields, " fields"));
    return;
  }
  parsing.record.emplace_back(static_cast<const char*>(field), size);
}

void OnRecord(int, void* context) {
  auto& parsing = *static_cast<Parsing*>(context);
  if (!parsing.status.ok()) return;
  ++parsing.done;
  parsing.status = parsing.take(std::exchange(parsing.record, {}));
}

}  // namespace

absl::Status ParseCsv(std::string_view text,
                      const std::function<absl::Status(CsvRecord)>& take) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
    return absl::InternalError("cannot start the CSV parser");
  }
  csv_set_delim(&parser, static_cast<unsigned char>(DelimiterOf(text)));
  Parsing parsing{take, {}, 0, {}};
  const size_t parsed = csv_parse(&parser, text.data(), text.size(), &OnField,
                                  &OnRecord, &parsing);
  const bool whole = parsed == text.size() &&
                     csv_fini(&parser, &OnField, &OnRecord, &parsing) == 0;
  csv_free(&parser);
  if (!parsing.status.ok() || whole) return parsing.status;
  return absl::InvalidArgumentError(absl::StrCat(
      "cdr: no CSV: a quote that does not fit in record ", parsing.done + 1));
}

}  // namespace callbraid::collector
