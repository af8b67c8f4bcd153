#include "collector/completeness/csv.h"

#include <csv.h>

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace callbraid::collector {
namespace {

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

struct Records {
  std::vector<CsvRecord> done;
  CsvRecord current;
};

}  // namespace

absl::StatusOr<std::vector<CsvRecord>> ParseCsv(std::string_view text) {
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
    return absl::InternalError("cannot start the CSV parser");
  }
  csv_set_delim(&parser, static_cast<unsigned char>(DelimiterOf(text)));
  Records records;
  const auto on_field = [](void* field, size_t size, void* context) {
    static_cast<Records*>(context)->current.emplace_back(
        static_cast<const char*>(field), size);
  };
  const auto on_record = [](int, void* context) {
    auto& all = *static_cast<Records*>(context);
    all.done.push_back(std::exchange(all.current, {}));
  };
  const size_t parsed = csv_parse(&parser, text.data(), text.size(), on_field,
                                  on_record, &records);
  const bool whole = parsed == text.size() &&
                     csv_fini(&parser, on_field, on_record, &records) == 0;
  csv_free(&parser);
  if (!whole) {
    return absl::InvalidArgumentError(
        absl::StrCat("no CSV: a quote that does not fit in record ",
                     records.done.size() + 1));
  }
  return std::move(records.done);
}

}  // namespace callbraid::collector
