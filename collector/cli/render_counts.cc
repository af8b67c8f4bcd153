#include "collector/cli/render_counts.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "collector/cli/format.h"
#include "collector/cli/table.h"
#include "nlohmann/json.hpp"

namespace callbraid::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr uint64_t kBar = 20;

// What a person who looks at numbers wants to know of.
constexpr std::array<v1::CallFlag, 3> kFlaws = {
    v1::CALL_FLAG_NO_MEDIA, v1::CALL_FLAG_ONE_WAY, v1::CALL_FLAG_CAPTURE_LOSS};

uint64_t CallsWith(const v1::CallCounts& counts, v1::CallFlag flag) {
  for (const v1::FlagCount& one : counts.flags()) {
    if (one.flag() == flag) return one.calls();
  }
  return 0;
}

uint64_t Completed(const v1::CallCounts& counts) {
  for (const v1::StateCount& one : counts.states()) {
    if (one.state() == v1::CALL_STATE_COMPLETED) return one.calls();
  }
  return 0;
}

absl::Duration Talk(const v1::CallCounts& counts) {
  return absl::Seconds(counts.talk().seconds()) +
         absl::Nanoseconds(counts.talk().nanos());
}

// What all rows come to.
struct Totals {
  uint64_t calls = 0;
  uint64_t answered = 0;
  uint64_t most = 0;
  absl::Duration talk;
};

Totals TotalsOf(const v1::CountCallsResponse& found) {
  Totals totals;
  for (const v1::CallInterval& interval : found.intervals()) {
    for (const v1::CallCounts& counts : interval.counts()) {
      totals.calls += counts.calls();
      totals.answered += counts.answered();
      totals.most = std::max<uint64_t>(totals.most, counts.calls());
      totals.talk += Talk(counts);
    }
  }
  return totals;
}

std::string OrDash(uint64_t count) { return count == 0 ? "-" : Count(count); }

// With the time of the day unless it is midnight, and so all about days.
std::string Beginning(const v1::CallInterval& interval, bool has_hours,
                      absl::TimeZone zone) {
  return absl::FormatTime(has_hours ? "%Y-%m-%d %H:%M" : "%Y-%m-%d",
                          ToTime(interval.start_time()), zone);
}

bool HasHours(const v1::CountCallsResponse& found, absl::TimeZone zone) {
  return std::any_of(
      found.intervals().begin(), found.intervals().end(),
      [&](const v1::CallInterval& interval) {
        const absl::Time start = ToTime(interval.start_time());
        return start !=
               absl::FromCivil(absl::CivilDay(absl::ToCivilSecond(start, zone)),
                               zone);
      });
}

std::vector<std::string> Row(const std::string& start,
                             const v1::CallCounts& counts, bool by_site,
                             uint64_t most) {
  std::vector<std::string> row = {start};
  if (by_site) row.push_back(counts.site().empty() ? "-" : counts.site());
  row.insert(
      row.end(),
      {OrDash(counts.calls()), OrDash(counts.answered()),
       Percent(counts.answered(), counts.calls()),
       Completed(counts) == 0
           ? "-"
           : Length(Talk(counts) / static_cast<int64_t>(Completed(counts)))});
  for (const v1::CallFlag flaw : kFlaws) {
    row.push_back(OrDash(CallsWith(counts, flaw)));
  }
  row.push_back(
      counts.has_mean_mos() ? absl::StrFormat("%.1f", counts.mean_mos()) : "-");
  // Whatever there is shows.
  row.emplace_back((counts.calls() * kBar + most - 1) / most, '#');
  return row;
}

}  // namespace

std::string RenderCounts(const v1::CountCallsResponse& found, bool by_site,
                         absl::TimeZone zone) {
  const Totals totals = TotalsOf(found);
  if (totals.calls == 0) return "no calls\n";
  Table table;
  table.AddColumn("START");
  if (by_site) {
    table.AddColumn("SITE", Table::Align::kLeft, /*may_shrink=*/true);
  }
  for (const char* title : {"CALLS", "ANSWERED", "", "MEAN TALK", "NO MEDIA",
                            "ONE-WAY", "LOSSY", "MOS"}) {
    table.AddColumn(title, Table::Align::kRight);
  }
  table.AddColumn("");
  const bool has_hours = HasHours(found, zone);
  for (const v1::CallInterval& interval : found.intervals()) {
    const std::string start = Beginning(interval, has_hours, zone);
    for (const v1::CallCounts& counts : interval.counts()) {
      table.AddRow(Row(start, counts, by_site, totals.most));
    }
    // A time without calls is seen as well; by sites, there would be too many.
    if (interval.counts().empty() && !by_site) {
      table.AddRow(Row(start, v1::CallCounts(), by_site, totals.most));
    }
  }
  return absl::StrCat(table.Render(), "\n", Counted(totals.calls, "call"), ", ",
                      Count(totals.answered), " answered (",
                      Percent(totals.answered, totals.calls), "), ",
                      Length(totals.talk), " of talk\n");
}

std::string CountsJson(const v1::CountCallsResponse& found, bool by_site) {
  std::string lines;
  const auto time = [](const google::protobuf::Timestamp& at) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", ToTime(at),
                            absl::UTCTimeZone());
  };
  for (const v1::CallInterval& interval : found.intervals()) {
    for (const v1::CallCounts& counts : interval.counts()) {
      Json json;
      json["start"] = time(interval.start_time());
      json["end"] = time(interval.end_time());
      if (by_site) json["site"] = counts.site();
      json["calls"] = counts.calls();
      json["answered"] = counts.answered();
      json["states"] = Json::object();
      for (const v1::StateCount& one : counts.states()) {
        json["states"][Word(one.state())] = one.calls();
      }
      json["flags"] = Json::object();
      for (const v1::FlagCount& one : counts.flags()) {
        json["flags"][Word(one.flag())] = one.calls();
      }
      json["talkSeconds"] = absl::ToDoubleSeconds(Talk(counts));
      if (counts.has_mean_mos()) json["meanMos"] = counts.mean_mos();
      if (!counts.mos().empty()) json["mos"] = Json::object();
      for (const v1::MosCount& one : counts.mos()) {
        json["mos"][absl::StrFormat("%.1f", one.from())] = one.calls();
      }
      absl::StrAppend(&lines,
                      json.dump(-1, ' ', false, Json::error_handler_t::replace),
                      "\n");
    }
  }
  return lines;
}

}  // namespace callbraid::cli
