#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "collector/cli/table.h"
#include "collector/cli/text.h"

namespace callbraid::cli {
namespace {

constexpr size_t kShortId = 8;

// How many digits tell `calls` apart.
size_t IdLength(const std::vector<v1::Call>& calls) {
  for (size_t length = kShortId; length < 32; length += 4) {
    std::set<std::string> ids;
    for (const v1::Call& call : calls) ids.insert(call.id().substr(0, length));
    if (ids.size() == calls.size()) return length;
  }
  return 32;
}

std::string Party(const std::string& number) {
  return number.empty() ? "?" : number;
}

std::string Talked(const v1::Call& call, absl::Time now) {
  const absl::Duration talked = TalkTime(call, now);
  if (talked <= absl::ZeroDuration()) return "-";
  return absl::StrCat(Length(talked), call.has_end_time() ? "" : "…");
}

// The last thing that happened in `call`.
absl::Time LastTime(const v1::Call& call) {
  if (call.has_end_time()) return ToTime(call.end_time());
  return ToTime(call.has_answer_time() ? call.answer_time()
                                       : call.start_time());
}

}  // namespace

std::string RenderCalls(const std::vector<v1::Call>& calls, absl::Time now,
                        absl::TimeZone zone) {
  const size_t id_length = IdLength(calls);
  const absl::Time newest =
      calls.empty() ? now : ToTime(calls.front().start_time());
  Table table;
  table.AddColumn("ID");
  table.AddColumn(absl::StrCat("START (", ZoneName(newest, zone), ")"));
  table.AddColumn("FROM", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("TO", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("STATE");
  table.AddColumn("TALK", Table::Align::kRight);
  table.AddColumn("MOS", Table::Align::kRight);
  table.AddColumn("SENSORS", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("NOTES", Table::Align::kLeft, /*may_shrink=*/true);
  for (const v1::Call& call : calls) {
    table.AddRow({call.id().substr(0, id_length),
                  DateAndTime(ToTime(call.start_time()), zone),
                  Party(call.caller()), Party(call.callee()),
                  Word(call.state()), Talked(call, now), ListeningMos(call),
                  SensorList(call), NoteWords(call)});
  }
  return table.Render();
}

std::string RenderChange(const v1::WatchCallsResponse& change, absl::Time now,
                         absl::TimeZone zone) {
  const v1::Call& call = change.call();
  if (change.change() == v1::WatchCallsResponse::CHANGE_MERGED) {
    return absl::StrCat("              ", call.id().substr(0, kShortId),
                        "  is now part of ",
                        change.merged_into().substr(0, kShortId), "\n");
  }
  if (change.change() == v1::WatchCallsResponse::CHANGE_REMOVED) {
    return absl::StrCat("              ", call.id().substr(0, kShortId),
                        "  is no longer in sight\n");
  }
  const std::string parties = Printable(
      absl::StrCat(Party(call.caller()), " → ", Party(call.callee())));
  const std::string notes = Printable(NoteWords(call));
  std::string line = absl::StrCat(
      PadRight(TimeOfDay(LastTime(call), zone), 12), "  ",
      call.id().substr(0, kShortId), "  ", PadRight(Word(call.state()), 10),
      "  ", PadRight(Fit(parties, 30), 30), "  ", PadLeft(Talked(call, now), 7),
      "  ", Printable(SensorList(call)),
      notes.empty() ? "" : absl::StrCat("  ", notes));
  return absl::StrCat(Fit(line, kLineWidth), "\n");
}

}  // namespace callbraid::cli
