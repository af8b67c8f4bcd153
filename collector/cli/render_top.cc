#include "collector/cli/render_top.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "collector/cli/format.h"
#include "collector/cli/table.h"
#include "collector/cli/text.h"

namespace callbraid::cli {
namespace {

constexpr size_t kShortId = 8;
constexpr size_t kFewestCalls = 5;
constexpr size_t kSecondsOfHistory = 10;
constexpr absl::Duration kEvery = absl::Seconds(1);

// What the capture points of a sensor counted, by the time of their reports.
struct Captured {
  int64_t time_ns = 0;
  uint64_t packets = 0;
  uint64_t drops = 0;
};

Captured CapturedBy(const v1::Sensor& sensor) {
  Captured captured;
  for (const v1::SensorCapturePoint& point : sensor.capture_points()) {
    const v1::CaptureReport& report = point.report();
    captured.time_ns = std::max(captured.time_ns, report.time_ns());
    captured.packets += report.packets();
    captured.drops += report.kernel_drops() + report.interface_drops();
  }
  return captured;
}

const v1::Sensor* Find(const TopSample& sample, const std::string& id) {
  const auto found = std::find_if(
      sample.sensors.begin(), sample.sensors.end(),
      [&id](const v1::Sensor& sensor) { return sensor.id() == id; });
  return found == sample.sensors.end() ? nullptr : &*found;
}

// "12.3 k"; "-" until two reports tell.
std::string Rate(const Captured& now, const Captured& before) {
  const int64_t ns = now.time_ns - before.time_ns;
  if (before.time_ns == 0 || ns <= 0 || now.packets < before.packets) {
    return "-";
  }
  const double rate =
      static_cast<double>(now.packets - before.packets) * 1e9 / ns;
  return rate < 1000 ? absl::StrFormat("%.0f", rate)
                     : absl::StrFormat("%.1f k", rate / 1000);
}

std::string SensorLines(const TopSample& sample, const TopSample& before) {
  Table table;
  table.AddColumn("SENSOR", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("SITE", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("LINK");
  for (const char* title :
       {"PACKETS/S", "DROPS", "NEW DROPS", "SPOOL", "WAITING"}) {
    table.AddColumn(title, Table::Align::kRight);
  }
  for (const v1::Sensor& sensor : sample.sensors) {
    const Captured now = CapturedBy(sensor);
    const v1::Sensor* const last = Find(before, sensor.id());
    const Captured then = last == nullptr ? Captured() : CapturedBy(*last);
    const bool may_compare = last != nullptr && now.drops >= then.drops;
    uint64_t spooled = 0;
    for (const v1::SpoolState& spool : sensor.spools()) {
      spooled += spool.bytes();
    }
    table.AddRow({sensor.id(), sensor.site(),
                  sensor.connected() ? "up" : "DOWN", Rate(now, then),
                  Count(now.drops),
                  may_compare ? Count(now.drops - then.drops) : "-",
                  Bytes(spooled), Count(sensor.observations_waiting())});
  }
  return table.empty() ? "" : absl::StrCat(table.Render(), "\n");
}

std::string Summary(const TopSample& sample, absl::TimeZone zone) {
  std::map<v1::CallState, size_t> states;
  for (const v1::Call& call : sample.calls) ++states[call.state()];
  const char* const more = sample.more_calls ? " and more" : "";
  return absl::StrCat(
      DateAndTime(sample.time, zone), " ", ZoneName(sample.time, zone), "   ",
      Counted(sample.calls.size(), "call"), more,
      " in progress: ", states[v1::CALL_STATE_ACTIVE], " talking, ",
      states[v1::CALL_STATE_RINGING], " ringing, ",
      states[v1::CALL_STATE_SETUP], " setting up; ", sample.begun,
      sample.many_begun ? " and more" : "", " began in the last minute\n\n");
}

std::string CallLines(const TopSample& sample, size_t rows,
                      absl::TimeZone zone) {
  Table table;
  table.AddColumn("ID");
  table.AddColumn("START");
  table.AddColumn("FROM", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("TO", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("STATE");
  table.AddColumn("TALK", Table::Align::kRight);
  table.AddColumn("SENSORS", Table::Align::kLeft, /*may_shrink=*/true);
  table.AddColumn("NOTES", Table::Align::kLeft, /*may_shrink=*/true);
  const auto party = [](const std::string& number) {
    return number.empty() ? "?" : number;
  };
  for (const v1::Call& call : sample.calls) {
    if (rows-- == 0) break;
    const absl::Duration talk = TalkTime(call, sample.time);
    table.AddRow({call.id().substr(0, kShortId),
                  TimeOfDay(ToTime(call.start_time()), zone).substr(0, 8),
                  party(call.caller()), party(call.callee()),
                  Word(call.state()),
                  talk > absl::ZeroDuration() ? Length(talk) : "-",
                  SensorList(call), FlagWords(call)});
  }
  return table.empty() ? "no calls in progress\n" : table.Render();
}

size_t Lines(const std::string& text) {
  return std::count(text.begin(), text.end(), '\n');
}

// Its first `rows` lines.
std::string Cut(const std::string& text, size_t rows) {
  size_t end = 0;
  while (rows-- > 0 && end < text.size()) end = text.find('\n', end) + 1;
  return text.substr(0, end);
}

}  // namespace

std::string RenderTop(const TopSample& sample, const TopSample& before,
                      size_t rows, absl::TimeZone zone) {
  std::string screen =
      sample.trouble.empty() ? "" : absl::StrCat(sample.trouble, "\n");
  screen += Summary(sample, zone);
  const size_t head = Lines(screen);
  // Sensors leave room for some calls.
  const size_t for_sensors =
      rows > head + kFewestCalls + 1 ? rows - head - kFewestCalls - 1 : 0;
  screen += Cut(SensorLines(sample, before), for_sensors);
  const size_t used = Lines(screen) + 1;  // The titles of the calls.
  screen += CallLines(sample, rows > used ? rows - used : 0, zone);
  return Cut(screen, rows);
}

absl::StatusOr<std::string> TopView::Show(absl::StatusOr<TopSample> asked,
                                          size_t rows, absl::TimeZone zone) {
  if (asked.ok()) {
    reconnect_.Reset();
    if (last_) {
      last_->calls.clear();
      history_.push_back(*std::move(last_));
      if (history_.size() > kSecondsOfHistory) history_.pop_front();
    }
    last_ = *std::move(asked);
  } else if (!last_ || !Reconnect::MayPass(asked.status())) {
    return asked.status();
  } else {
    // What may be longer than a line comes last.
    last_->trouble =
        Fit(Printable(absl::StrCat("Trying again: ", asked.status().message())),
            kLineWidth);
  }
  return RenderTop(*last_, history_.empty() ? TopSample() : history_.front(),
                   rows, zone);
}

absl::Duration TopView::NextWait() {
  return last_ && last_->trouble.empty()
             ? kEvery
             : std::max(kEvery, reconnect_.NextWait());
}

}  // namespace callbraid::cli
