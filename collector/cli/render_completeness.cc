#include "collector/cli/render_completeness.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "collector/cli/format.h"
#include "collector/cli/table.h"
#include "collector/cli/text.h"
#include "nlohmann/json.hpp"

namespace callbraid::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kShortId = 8;
constexpr size_t kUnheardShown = 20;

// What may be wrong, worst first.
constexpr std::array<v1::Wholeness, 7> kFlaws = {
    v1::WHOLENESS_MEDIA_DELETED, v1::WHOLENESS_NO_MEDIA,
    v1::WHOLENESS_ONE_WAY,       v1::WHOLENESS_ENCRYPTED,
    v1::WHOLENESS_UNKNOWN_CODEC, v1::WHOLENESS_BEGAN_BEFORE_CAPTURE,
    v1::WHOLENESS_LOSSY};

using Counts = google::protobuf::RepeatedPtrField<v1::WholenessCount>;

uint64_t CallsOf(const Counts& counts, v1::Wholeness wholeness) {
  for (const v1::WholenessCount& count : counts) {
    if (count.wholeness() == wholeness) return count.calls();
  }
  return 0;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

// Where media were deleted, nobody can tell any more how many calls were whole.
std::string Share(const v1::DayCompleteness& day) {
  if (CallsOf(day.counts(), v1::WHOLENESS_MEDIA_DELETED) > 0) return "-";
  return Percent(CallsOf(day.counts(), v1::WHOLENESS_WHOLE), day.answered());
}

std::string OrDash(uint64_t count) { return count == 0 ? "-" : Count(count); }

std::string OrDash(const std::string& text) {
  return text.empty() ? "-" : text;
}

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) +
         absl::Nanoseconds(duration.nanos());
}

double SecondsOf(const google::protobuf::Duration& duration) {
  return absl::ToDoubleSeconds(ToDuration(duration));
}

bool IsShorter(const v1::ReconciledRecord& record) {
  return record.shorter() && record.wholeness() == v1::WHOLENESS_WHOLE;
}

// "whole", "shorter", "missing".
std::string Outcome(const v1::ReconciledRecord& record) {
  if (record.call_id().empty()) {
    return record.answered() ? "missing" : "not seen";
  }
  if (!record.answered()) return "seen";
  return IsShorter(record) ? "shorter" : Word(record.wholeness());
}

std::string Summary(const v1::ReconcileCallsResponse& found) {
  Table table;
  table.AddColumn("ANSWERED");
  table.AddColumn(Count(found.answered()), Table::Align::kRight);
  table.AddColumn("");
  const auto add = [&](const std::string& what, uint64_t count, bool always) {
    if (count == 0 && !always) return;
    table.AddRow({what, Count(count), Percent(count, found.answered())});
  };
  add("recorded whole", WholeOf(found), true);
  add("missing", found.missing(), true);
  for (const v1::Wholeness flaw : kFlaws) {
    add(Word(flaw), CallsOf(found.counts(), flaw), false);
  }
  add("shorter", found.shorter(), true);
  std::string text = table.Render();
  absl::StrAppend(&text, Counted(found.unanswered(), "row"),
                  " of calls without an answer, ",
                  Count(found.unanswered_seen()), " of them seen; ",
                  Counted(found.extra(), "answered call"), " without a row\n");
  return text;
}

Json TimeJson(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", ToTime(time),
                          absl::UTCTimeZone());
}

Json RecordJson(const v1::ReconciledRecord& record) {
  Json json;
  json["record"] = record.record();
  json["outcome"] = Outcome(record);
  json["start"] = TimeJson(record.start());
  json["caller"] = record.caller();
  json["callee"] = record.callee();
  json["talkSeconds"] = SecondsOf(record.talk());
  if (!record.id().empty()) json["cdrId"] = record.id();
  if (!record.call_id().empty()) {
    json["call"] = record.call_id();
    json["recordedSeconds"] = SecondsOf(record.recorded());
  }
  return json;
}

void AddRows(const v1::ReconcileCallsResponse& found, absl::TimeZone zone,
             Table& table) {
  for (const v1::ReconciledRecord& record : found.records()) {
    std::string outcome = Outcome(record);
    if (!record.answered() || outcome == "whole") continue;
    if (IsShorter(record)) {
      absl::StrAppend(&outcome, ": ", Length(ToDuration(record.recorded())),
                      " of ", Length(ToDuration(record.talk())));
    }
    table.AddRow({Count(record.record()),
                  DateAndTime(ToTime(record.start()), zone),
                  OrDash(record.caller()), OrDash(record.callee()),
                  Length(ToDuration(record.talk())),
                  OrDash(record.call_id().substr(0, kShortId)), outcome});
  }
  for (const v1::ExtraCall& call : found.extra_calls()) {
    table.AddRow({"-", DateAndTime(ToTime(call.start()), zone),
                  OrDash(call.caller()), OrDash(call.callee()),
                  Length(ToDuration(call.talk())),
                  call.call_id().substr(0, kShortId), "not in the file"});
  }
}

}  // namespace

std::string RenderCompleteness(const v1::GetCompletenessResponse& found) {
  Table table;
  table.AddColumn("DAY");
  table.AddColumn("SITE", Table::Align::kLeft, /*may_shrink=*/true);
  for (const char* title :
       {"ANSWERED", "WHOLE", "", "DELETED", "NO MEDIA", "ONE-WAY", "ENCRYPTED",
        "NO CODEC", "LATE", "LOSSY"}) {
    table.AddColumn(title, Table::Align::kRight);
  }
  for (const v1::DayCompleteness& day : found.days()) {
    const uint64_t whole = CallsOf(day.counts(), v1::WHOLENESS_WHOLE);
    std::vector<std::string> row = {day.date(), OrDash(day.site()),
                                    Count(day.answered()), Count(whole),
                                    Share(day)};
    for (const v1::Wholeness flaw : kFlaws) {
      row.push_back(OrDash(CallsOf(day.counts(), flaw)));
    }
    table.AddRow(row);
  }
  if (table.empty()) return "no answered calls\n";
  return table.Render();
}

std::string CompletenessJson(const v1::GetCompletenessResponse& found) {
  std::string lines;
  for (const v1::DayCompleteness& day : found.days()) {
    Json json;
    json["day"] = day.date();
    json["site"] = day.site();
    json["answered"] = day.answered();
    json[Word(v1::WHOLENESS_WHOLE)] =
        CallsOf(day.counts(), v1::WHOLENESS_WHOLE);
    for (auto flaw = kFlaws.rbegin(); flaw != kFlaws.rend(); ++flaw) {
      json[Word(*flaw)] = CallsOf(day.counts(), *flaw);
    }
    lines += Dump(json);
  }
  return lines;
}

std::string RenderUnheard(const v1::DiagnoseResponse& diagnosis) {
  Table table;
  table.AddColumn("NEVER HEARD");
  table.AddColumn("ADDRESS");
  table.AddColumn("MAC");
  table.AddColumn("SITE", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("CALLS", Table::Align::kRight);
  size_t unheard = 0;
  for (const v1::SignallingHost& host : diagnosis.hosts()) {
    if (host.is_server() || host.calls() == 0 || host.calls_heard() > 0) {
      continue;
    }
    if (++unheard > kUnheardShown) continue;
    table.AddRow({OrDash(host.number()), host.address(), OrDash(host.mac()),
                  OrDash(host.site()), Count(host.calls())});
  }
  if (unheard == 0) return "";
  std::string text = absl::StrCat("\n", table.Render());
  if (unheard > kUnheardShown) {
    absl::StrAppend(&text, "and ", Count(unheard - kUnheardShown), " more\n");
  }
  return text;
}

uint64_t WholeOf(const v1::ReconcileCallsResponse& found) {
  return CallsOf(found.counts(), v1::WHOLENESS_WHOLE);
}

std::string RenderReconciliation(const std::string& path,
                                 const v1::ReconcileCallsResponse& found,
                                 absl::TimeZone zone) {
  const absl::Time first = ToTime(found.first_start());
  std::string text =
      absl::StrCat(Printable(path), ": ", Printable(found.layout()), ", ",
                   Counted(found.answered() + found.unanswered(), "row"), ", ",
                   DateAndTime(first, zone), " to ",
                   DateAndTime(ToTime(found.last_start()), zone), " ",
                   ZoneName(first, zone), "\n");
  if (found.unread() > 0) {
    absl::StrAppend(&text, Counted(found.unread(), "record"),
                    " without a time that can be read, the first is number ",
                    Count(found.first_unread()), "\n");
  }
  absl::StrAppend(&text, "\n", Summary(found));

  Table table;
  table.AddColumn("RECORD", Table::Align::kRight);
  table.AddColumn("START");
  table.AddColumn("FROM", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("TO", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("TALK", Table::Align::kRight);
  table.AddColumn("CALL");
  table.AddColumn("OUTCOME", Table::Align::kLeft, /*may_shrink=*/true);
  AddRows(found, zone, table);
  if (!table.empty()) absl::StrAppend(&text, "\n", table.Render());
  return text;
}

std::string ReconciliationJson(const v1::ReconcileCallsResponse& found) {
  std::string lines;
  for (const v1::ReconciledRecord& record : found.records()) {
    lines += Dump(RecordJson(record));
  }
  for (const v1::ExtraCall& call : found.extra_calls()) {
    Json json;
    json["outcome"] = "not in the file";
    json["call"] = call.call_id();
    json["start"] = TimeJson(call.start());
    if (!call.caller().empty() || !call.callee().empty()) {
      json["caller"] = call.caller();
      json["callee"] = call.callee();
    }
    json["talkSeconds"] = SecondsOf(call.talk());
    lines += Dump(json);
  }
  return lines;
}

std::string RenderShift(const google::protobuf::Duration& by) {
  const absl::Duration shift = ToDuration(by);
  return absl::StrCat(
      "most rows would fit calls that began ",
      absl::FormatDuration(absl::AbsDuration(shift)),
      shift > absl::ZeroDuration() ? " later" : " earlier",
      absl::AbsDuration(shift) < absl::Minutes(10)
          ? ": the PBX's clock is off; set it, or give --tolerance\n"
          : ": is the file of another time zone? Give --zone\n");
}

}  // namespace callbraid::cli
