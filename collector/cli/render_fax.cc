#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "collector/cli/table.h"
#include "collector/cli/text.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::cli {
namespace {

const char* ResultOf(const v1::Fax& fax) {
  switch (fax.result()) {
    case v1::FAX_RESULT_CONFIRMED:
      return "confirmed by the receiver";
    case v1::FAX_RESULT_UNCONFIRMED:
      return "not confirmed by the receiver";
    case v1::FAX_RESULT_NO_PAGES:
      return "no pages were sent";
    default:
      return "";
  }
}

std::string Station(const std::string& id) {
  return id.empty() ? "(no name)" : Printable(id);
}

// "caller +49 30 1 → callee +49 89 2"
std::string Stations(const v1::Fax& fax) {
  const bool by_caller = fax.sender() == v1::SIDE_CALLER;
  return absl::StrCat(
      by_caller ? "caller " : "callee ", Station(fax.sender_id()), " → ",
      by_caller ? "callee " : "caller ", Station(fax.receiver_id()));
}

// "416 packets, 3 missing, of which 3 recovered"
std::string Packets(const v1::Fax& fax) {
  if (fax.in_audio()) return "as tones in the audio";
  std::string text = Counted(fax.packets(), "packet");
  if (fax.missing() == 0) return absl::StrCat(text, ", none missing");
  absl::StrAppend(
      &text, ", ", Count(fax.missing()), " missing, of which ",
      Count(fax.recovered_by_redundancy() + fax.recovered_by_parity()),
      " recovered");
  return text;
}

std::string Pages(const v1::Fax& fax, absl::TimeZone zone) {
  if (fax.pages().empty()) return "";
  Table table;
  table.AddColumn("PAGE", Table::Align::kRight);
  table.AddColumn("TIME");
  table.AddColumn("PIXELS", Table::Align::kRight);
  table.AddColumn("PER INCH", Table::Align::kRight);
  table.AddColumn("CODING");
  table.AddColumn("BAD ROWS", Table::Align::kRight);
  table.AddColumn("COMPLETE");
  table.AddColumn("CONFIRMED");
  for (int i = 0; i < fax.pages_size(); ++i) {
    const v1::FaxPage& page = fax.pages(i);
    table.AddRow(
        {Count(static_cast<uint64_t>(i) + 1),
         TimeOfDay(ToTime(page.time()), zone),
         absl::StrCat(page.width(), "x", page.rows()),
         absl::StrFormat("%.0fx%.0f", page.x_resolution(), page.y_resolution()),
         page.coding(), Count(page.bad_rows()), page.complete() ? "yes" : "no",
         page.confirmed() ? "yes" : "no"});
  }
  return table.Render(2);
}

}  // namespace

std::string RenderFaxes(const v1::GetFaxResponse& faxes, absl::TimeZone zone) {
  std::string text;
  for (const v1::Fax& fax : faxes.faxes()) {
    using google::protobuf::util::TimeUtil;
    const absl::Duration length =
        absl::Nanoseconds(TimeUtil::DurationToNanoseconds(fax.duration()));
    absl::StrAppend(&text, DateAndTime(ToTime(fax.time()), zone), "  ",
                    ExactLength(length), "  ", Stations(fax), "\n");
    absl::StrAppend(&text, "  ", Counted(fax.pages_size(), "page"), ", ",
                    ResultOf(fax), fax.complete() ? ", complete" : "", "; ",
                    Count(fax.bit_rate()), " bit/s",
                    fax.error_correction() ? ", ECM" : "", "\n  ", Packets(fax),
                    "\n");
    text += Pages(fax, zone);
  }
  return text;
}

}  // namespace callbraid::cli
