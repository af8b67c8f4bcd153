#include "collector/cli/render_completeness.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/cli/format.h"
#include "collector/cli/table.h"
#include "collector/cli/text.h"
#include "nlohmann/json.hpp"

namespace callbraid::cli {
namespace {

using collector::kWholenesses;
using collector::Reconciled;
using collector::Wholeness;

using Json = nlohmann::ordered_json;

constexpr size_t kShortId = 8;
constexpr size_t kUnheardShown = 20;

// Answered calls, by Wholeness.
using Counts = std::array<uint64_t, kWholenesses>;
using Day = std::pair<std::string, std::string>;  // And site.

uint64_t Sum(const Counts& counts) {
  uint64_t sum = 0;
  for (const uint64_t count : counts) sum += count;
  return sum;
}

std::map<Day, Counts> ByDay(const std::vector<SeenCall>& calls,
                            absl::TimeZone zone) {
  std::map<Day, Counts> days;
  for (const SeenCall& call : calls) {
    if (!call.answered) continue;
    const std::string day = absl::FormatTime("%Y-%m-%d", call.start, zone);
    ++days[{day, call.site}][static_cast<size_t>(call.wholeness)];
  }
  return days;
}

std::string Dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string OrDash(uint64_t count) { return count == 0 ? "-" : Count(count); }

std::string OrDash(const std::string& text) {
  return text.empty() ? "-" : text;
}

// "whole", "shorter: 0:48 of 1:15", "missing".
std::string Outcome(const Reconciled& one) {
  if (one.call == nullptr) {
    return one.row->answered ? "missing" : "not seen";
  }
  if (!one.row->answered) return "seen";
  if (one.call->wholeness != Wholeness::kWhole) {
    return Word(one.call->wholeness);
  }
  if (!one.is_short) return "whole";
  return absl::StrCat("shorter: ", Length(one.call->recorded), " of ",
                      Length(one.row->talk));
}

// The kinds of Outcome(), worst first, each with how many rows it is of.
struct Totals {
  uint64_t answered = 0;
  uint64_t missing = 0;
  uint64_t shorter = 0;
  Counts by_wholeness = {};
  uint64_t unanswered = 0;
  uint64_t unanswered_seen = 0;
};

Totals TotalsOf(const Reconciliation& found) {
  Totals totals;
  for (const Reconciled& one : found.rows) {
    const bool seen = one.call != nullptr;
    if (!one.row->answered) {
      ++totals.unanswered;
      totals.unanswered_seen += seen;
      continue;
    }
    ++totals.answered;
    if (!seen) {
      ++totals.missing;
    } else if (one.is_short && one.call->wholeness == Wholeness::kWhole) {
      ++totals.shorter;
    } else {
      ++totals.by_wholeness[static_cast<size_t>(one.call->wholeness)];
    }
  }
  return totals;
}

std::string Summary(const Totals& totals, size_t extra) {
  Table table;
  table.AddColumn("ANSWERED");
  table.AddColumn(Count(totals.answered), Table::Align::kRight);
  table.AddColumn("");
  const auto add = [&](const std::string& what, uint64_t count, bool always) {
    if (count == 0 && !always) return;
    table.AddRow({what, Count(count), Percent(count, totals.answered)});
  };
  const auto of = [&totals](Wholeness wholeness) {
    return totals.by_wholeness[static_cast<size_t>(wholeness)];
  };
  add("recorded whole", of(Wholeness::kWhole), true);
  add("missing", totals.missing, true);
  for (int i = kWholenesses - 1; i > 0; --i) {
    const auto wholeness = static_cast<Wholeness>(i);
    add(Word(wholeness), of(wholeness), false);
  }
  add("shorter", totals.shorter, true);
  std::string text = table.Render();
  absl::StrAppend(&text, Counted(totals.unanswered, "row"),
                  " of calls without an answer, ",
                  Count(totals.unanswered_seen), " of them seen; ",
                  Counted(extra, "answered call"), " without a row\n");
  return text;
}

Json TimeJson(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

Json RowJson(const Reconciled& one) {
  Json json;
  json["record"] = one.row->record;
  json["outcome"] = one.call != nullptr && one.row->answered && one.is_short &&
                            one.call->wholeness == Wholeness::kWhole
                        ? "shorter"
                        : Outcome(one);
  json["start"] = TimeJson(one.row->start);
  json["caller"] = one.row->caller;
  json["callee"] = one.row->callee;
  json["talkSeconds"] = absl::ToDoubleSeconds(one.row->talk);
  if (!one.row->id.empty()) json["cdrId"] = one.row->id;
  if (one.call != nullptr) {
    json["call"] = one.call->id;
    json["recordedSeconds"] = absl::ToDoubleSeconds(one.call->recorded);
  }
  return json;
}

}  // namespace

std::string RenderCompleteness(const std::vector<SeenCall>& calls,
                               absl::TimeZone zone) {
  Table table;
  table.AddColumn("DAY");
  table.AddColumn("SITE", Table::Align::kLeft, /*may_shrink=*/true);
  for (const char* title : {"ANSWERED", "WHOLE", "", "NO MEDIA", "ONE-WAY",
                            "ENCRYPTED", "NO CODEC", "LATE", "LOSSY"}) {
    table.AddColumn(title, Table::Align::kRight);
  }
  for (const auto& [day, counts] : ByDay(calls, zone)) {
    const auto of = [&counts = counts](Wholeness wholeness) {
      return counts[static_cast<size_t>(wholeness)];
    };
    const uint64_t answered = Sum(counts);
    table.AddRow(
        {day.first, OrDash(day.second), Count(answered),
         Count(of(Wholeness::kWhole)), Percent(of(Wholeness::kWhole), answered),
         OrDash(of(Wholeness::kNoMedia)), OrDash(of(Wholeness::kOneWay)),
         OrDash(of(Wholeness::kEncrypted)),
         OrDash(of(Wholeness::kUnknownCodec)),
         OrDash(of(Wholeness::kBeganBefore)), OrDash(of(Wholeness::kLossy))});
  }
  if (table.empty()) return "no answered calls\n";
  return table.Render();
}

std::string CompletenessJson(const std::vector<SeenCall>& calls,
                             absl::TimeZone zone) {
  std::string lines;
  for (const auto& [day, counts] : ByDay(calls, zone)) {
    Json json;
    json["day"] = day.first;
    json["site"] = day.second;
    json["answered"] = Sum(counts);
    for (int i = 0; i < kWholenesses; ++i) {
      json[Word(static_cast<Wholeness>(i))] = counts[i];
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

std::string RenderReconciliation(const std::string& path, const CdrFile& file,
                                 const Reconciliation& found,
                                 absl::TimeZone zone) {
  const auto [first, last] = std::minmax_element(
      file.rows.begin(), file.rows.end(),
      [](const CdrRow& a, const CdrRow& b) { return a.start < b.start; });
  std::string text = absl::StrCat(Printable(path), ": ", file.layout, ", ",
                                  Counted(file.rows.size(), "row"), ", ",
                                  DateAndTime(first->start, zone), " to ",
                                  DateAndTime(last->start, zone), " ",
                                  ZoneName(first->start, zone), "\n");
  if (file.unread > 0) {
    absl::StrAppend(&text, Counted(file.unread, "record"),
                    " without a time that can be read, the first is number ",
                    Count(file.first_unread), "\n");
  }
  absl::StrAppend(&text, "\n", Summary(TotalsOf(found), found.extra.size()));

  Table table;
  table.AddColumn("RECORD", Table::Align::kRight);
  table.AddColumn("START");
  table.AddColumn("FROM", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("TO", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("TALK", Table::Align::kRight);
  table.AddColumn("CALL");
  table.AddColumn("OUTCOME", Table::Align::kLeft, /*may_shrink=*/true);
  for (const Reconciled& one : found.rows) {
    if (!one.row->answered || one.IsWhole()) continue;
    table.AddRow({Count(one.row->record), DateAndTime(one.row->start, zone),
                  OrDash(one.row->caller), OrDash(one.row->callee),
                  Length(one.row->talk),
                  one.call == nullptr ? "-" : one.call->id.substr(0, kShortId),
                  Outcome(one)});
  }
  for (const SeenCall* call : found.extra) {
    const auto parties = call->parties.empty()
                             ? std::pair<std::string, std::string>()
                             : call->parties.front();
    table.AddRow({"-", DateAndTime(call->start, zone), OrDash(parties.first),
                  OrDash(parties.second), Length(call->talk),
                  call->id.substr(0, kShortId), "not in the file"});
  }
  if (!table.empty()) absl::StrAppend(&text, "\n", table.Render());
  return text;
}

std::string ReconciliationJson(const Reconciliation& found) {
  std::string lines;
  for (const Reconciled& one : found.rows) lines += Dump(RowJson(one));
  for (const SeenCall* call : found.extra) {
    Json json;
    json["outcome"] = "not in the file";
    json["call"] = call->id;
    json["start"] = TimeJson(call->start);
    if (!call->parties.empty()) {
      json["caller"] = call->parties.front().first;
      json["callee"] = call->parties.front().second;
    }
    json["talkSeconds"] = absl::ToDoubleSeconds(call->talk);
    lines += Dump(json);
  }
  return lines;
}

std::string RenderShift(absl::Duration shift) {
  return absl::StrCat(
      "most rows would fit calls that began ",
      absl::FormatDuration(absl::AbsDuration(shift)),
      shift > absl::ZeroDuration() ? " later" : " earlier",
      absl::AbsDuration(shift) < absl::Minutes(10)
          ? ": the PBX's clock is off; set it, or give --tolerance\n"
          : ": is the file of another time zone? Give --zone\n");
}

}  // namespace callbraid::cli
