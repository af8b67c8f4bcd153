#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "collector/cli/command.h"
#include "collector/cli/format.h"
#include "collector/cli/render.h"
#include "collector/cli/table.h"
#include "common/base/status_macros.h"

namespace callbraid::cli {
namespace {

class SensorsCommand final : public Command {
 public:
  SensorsCommand()
      : Command({"sensors list",
                 {},
                 "sensors, their links and capture points",
                 ""}) {}

  absl::Status Run(Session& session, const std::vector<std::string>&) override {
    ASSIGN_OR_RETURN(const v1::ListSensorsResponse response,
                     session.collector.ListSensors());
    if (session.json) {
      for (const v1::Sensor& sensor : response.sensors()) {
        session.out << ToJson(sensor) << '\n';
      }
    } else if (response.sensors().empty()) {
      session.err << "no sensor has connected yet\n";
    } else {
      session.out << RenderSensors(
          {response.sensors().begin(), response.sensors().end()}, session.Now(),
          session.zone);
    }
    return absl::OkStatus();
  }
};

// Less has just been captured.
constexpr absl::Duration kLongWait = absl::Seconds(10);

// What waits on the sensor, and for how long, as it last said.
std::string Backlog(const v1::Sensor& sensor, absl::Time now) {
  uint64_t frames = 0;
  absl::Duration wait;
  uint64_t discarded = 0;
  for (const v1::SpoolState& spool : sensor.spools()) {
    if (spool.next_sequence() > spool.first_sequence()) {
      frames += spool.next_sequence() - spool.first_sequence();
    }
    discarded += spool.discarded_frames();
    if (spool.waiting_since_ns() == 0) continue;
    wait = std::max(wait, now - absl::FromUnixNanos(spool.waiting_since_ns()));
  }
  std::string text = Count(frames);
  if (wait >= kLongWait) absl::StrAppend(&text, " for ", Length(wait));
  if (discarded > 0) {
    absl::StrAppend(&text, " (", Count(discarded), " discarded)");
  }
  return text;
}

const char* NameOf(v1::SpoolLane lane) {
  switch (lane) {
    case v1::SPOOL_LANE_SIGNALLING:
      return "signalling";
    case v1::SPOOL_LANE_MEDIA:
      return "media";
    case v1::SPOOL_LANE_SPARE_MEDIA:
      return "spare media";
    default:
      return "other";
  }
}

// The lanes of sensors that cannot deliver all that they capture; empty if
// there are none. A lane has several spools while there is a backlog.
std::string RenderLanes(const std::vector<v1::Sensor>& sensors) {
  struct Sum {
    uint64_t waiting = 0;
    uint64_t bytes = 0;
    uint64_t discarded = 0;
  };
  Table lanes;
  lanes.AddColumn("SENSOR", Table::Align::kLeft, true);
  lanes.AddColumn("SPOOL OF");
  for (const char* title : {"WAITING", "MIB", "DISCARDED"}) {
    lanes.AddColumn(title, Table::Align::kRight);
  }
  for (const v1::Sensor& sensor : sensors) {
    const bool loses = std::any_of(
        sensor.spools().begin(), sensor.spools().end(),
        [](const auto& spool) { return spool.discarded_frames() > 0; });
    if (!loses) continue;
    std::map<v1::SpoolLane, Sum> sums;
    for (const v1::SpoolState& spool : sensor.spools()) {
      Sum& sum = sums[spool.lane()];
      sum.waiting += spool.next_sequence() -
                     std::min(spool.next_sequence(), spool.first_sequence());
      sum.bytes += spool.bytes();
      sum.discarded += spool.discarded_frames();
    }
    for (const auto& [lane, sum] : sums) {
      lanes.AddRow(
          {sensor.id(), NameOf(lane), Count(sum.waiting),
           absl::StrFormat("%.1f", static_cast<double>(sum.bytes) / (1 << 20)),
           Count(sum.discarded)});
    }
  }
  return lanes.empty() ? "" : lanes.Render();
}

// Frames that made no sense, and connections that were not to be.
std::string Refused(const v1::Sensor& sensor) {
  uint64_t connections = 0;
  for (const auto& [reason, count] : sensor.refused()) connections += count;
  const uint64_t frames = sensor.frames_malformed() + sensor.frames_absurd();
  if (connections == 0) return Count(frames);
  return absl::StrCat(Count(frames), " (and ", Count(connections),
                      connections == 1 ? " connection)" : " connections)");
}

std::string Link(const v1::Sensor& sensor, absl::Time now,
                 absl::TimeZone zone) {
  if (sensor.trust().has_revoke_time()) return "revoked";
  if (sensor.connected()) {
    return absl::StrCat("connected ",
                        Length(now - ToTime(sensor.connected_time())));
  }
  if (!sensor.has_last_seen_time()) {
    return sensor.trust().has_enroll_time() ? "never came" : "not enrolled yet";
  }
  return absl::StrCat("away since ",
                      DateAndTime(ToTime(sensor.last_seen_time()), zone));
}

// "+2,112.004 s".
std::string Ahead(int64_t ns) {
  const bool behind = ns < 0;
  const uint64_t all_us =
      (behind ? -static_cast<uint64_t>(ns) : static_cast<uint64_t>(ns)) / 1000;
  const char* const sign = behind ? "-" : "+";
  if (all_us >= 1'000'000) {
    return absl::StrFormat("%s%s.%03d s", sign, Count(all_us / 1'000'000),
                           all_us / 1000 % 1000);
  }
  return absl::StrFormat("%s%d.%03d ms", sign, all_us / 1000, all_us % 1000);
}

std::string Words(v1::ClockSource source) {
  switch (source) {
    case v1::CLOCK_SOURCE_BOTH_WAYS:
      return "traffic both ways";
    case v1::CLOCK_SOURCE_ONE_WAY:
      return "traffic one way";
    case v1::CLOCK_SOURCE_SIGNALLING:
      return "hops of dialogs";
    case v1::CLOCK_SOURCE_ROUND_TRIP:
      return "round trips";
    default:
      return "";
  }
}

// How clocks compare; empty if of none anything is known.
std::string RenderClocks(const std::vector<v1::Sensor>& sensors,
                         absl::TimeZone zone) {
  Table clocks;
  clocks.AddColumn("CLOCK OF", Table::Align::kLeft, true);
  clocks.AddColumn("IS AHEAD", Table::Align::kRight);
  clocks.AddColumn("+/-", Table::Align::kRight);
  clocks.AddColumn("OF", Table::Align::kLeft, true);
  clocks.AddColumn("DRIFT", Table::Align::kRight);
  clocks.AddColumn("FOUND BY");
  clocks.AddColumn("LAST SET", Table::Align::kLeft, true);
  for (const v1::Sensor& sensor : sensors) {
    if (!sensor.has_clock()) continue;
    const v1::SensorClock& clock = sensor.clock();
    if (clock.source() == v1::CLOCK_SOURCE_REFERENCE) continue;
    const v1::ClockStep& step = clock.last_step();
    clocks.AddRow(
        {sensor.id(), Ahead(clock.offset_ns()),
         absl::StrFormat("%.3f ms",
                         static_cast<double>(clock.uncertainty_ns()) / 1e6),
         clock.reference().empty() ? "collector" : clock.reference(),
         clock.drift_ppm() == 0
             ? "-"
             : absl::StrFormat("%+.1f ppm", clock.drift_ppm()),
         Words(clock.source()),
         clock.has_last_step()
             ? absl::StrCat(Ahead(step.size_ns()), " at ",
                            TimeOfDay(ToTime(step.time()), zone))
             : "-"});
  }
  return clocks.empty() ? "" : clocks.Render();
}

// What was read of TLS, where a sensor has keys.
std::string RenderTls(const std::vector<v1::Sensor>& sensors) {
  Table tls;
  tls.AddColumn("SENSOR", Table::Align::kLeft, true);
  tls.AddColumn("CAPTURE POINT", Table::Align::kLeft, true);
  for (const char* title :
       {"TLS CONNECTIONS", "WITH KEY", "WITHOUT KEY", "RECORDS READ"}) {
    tls.AddColumn(title, Table::Align::kRight);
  }
  tls.AddColumn("NOT READ");
  for (const v1::Sensor& sensor : sensors) {
    for (const v1::SensorCapturePoint& point : sensor.capture_points()) {
      const v1::TrafficCensus& census = point.report().census();
      const std::map<std::string, uint64_t> discarded(
          point.report().discarded().begin(), point.report().discarded().end());
      std::vector<std::string> not_read;
      for (const auto& [reason, count] : discarded) {
        if (reason.starts_with("tls_")) {
          not_read.push_back(absl::StrCat(reason, " ", Count(count)));
        }
      }
      if (census.tls_connections() == 0 && not_read.empty()) continue;
      tls.AddRow({sensor.id(), point.capture_point().name(),
                  Count(census.tls_connections()),
                  Count(census.tls_connections_with_key()),
                  Count(census.tls_connections_without_key()),
                  Count(census.tls_records_read()),
                  not_read.empty() ? "-" : absl::StrJoin(not_read, ", ")});
    }
  }
  return tls.empty() ? "" : tls.Render();
}

}  // namespace

std::string RenderSensors(const std::vector<v1::Sensor>& sensors,
                          absl::Time now, absl::TimeZone zone) {
  Table links;
  links.AddColumn("SENSOR", Table::Align::kLeft, true);
  links.AddColumn("SITE", Table::Align::kLeft, true);
  links.AddColumn("LINK");
  links.AddColumn("PEER", Table::Align::kLeft, true);
  links.AddColumn("VERSION", Table::Align::kLeft, true);
  links.AddColumn("STORED", Table::Align::kRight);
  links.AddColumn("WAITING", Table::Align::kRight);
  links.AddColumn("REFUSED", Table::Align::kRight);
  Table points;
  points.AddColumn("SENSOR", Table::Align::kLeft, true);
  points.AddColumn("CAPTURE POINT", Table::Align::kLeft, true);
  for (const char* title :
       {"PACKETS", "KERNEL DROPS", "NIC DROPS", "MIRRORED", "DISCARDED"}) {
    points.AddColumn(title, Table::Align::kRight);
  }
  points.AddColumn(absl::StrCat("UP TO (", ZoneName(now, zone), ")"));
  for (const v1::Sensor& sensor : sensors) {
    links.AddRow({sensor.id(), sensor.site(), Link(sensor, now, zone),
                  sensor.peer(), sensor.version(),
                  Count(sensor.frames_stored()), Backlog(sensor, now),
                  Refused(sensor)});
    for (const v1::SensorCapturePoint& point : sensor.capture_points()) {
      const v1::CaptureReport& report = point.report();
      if (!point.has_report()) {
        points.AddRow({sensor.id(), point.capture_point().name(), "-", "-", "-",
                       "-", "-", "no report yet"});
        continue;
      }
      uint64_t discarded = 0;
      for (const auto& [reason, count] : report.discarded()) discarded += count;
      points.AddRow(
          {sensor.id(), point.capture_point().name(), Count(report.packets()),
           Count(report.kernel_drops()), Count(report.interface_drops()),
           Count(report.mirror_copies()), Count(discarded),
           absl::StrCat(
               DateAndTime(absl::FromUnixNanos(report.time_ns()), zone),
               report.final() ? ", ended" : "")});
    }
  }
  std::string text = links.Render();
  const std::string lanes = RenderLanes(sensors);
  if (!lanes.empty()) absl::StrAppend(&text, "\n", lanes);
  if (!points.empty()) absl::StrAppend(&text, "\n", points.Render());
  const std::string tls = RenderTls(sensors);
  if (!tls.empty()) absl::StrAppend(&text, "\n", tls);
  const std::string clocks = RenderClocks(sensors, zone);
  if (!clocks.empty()) absl::StrAppend(&text, "\n", clocks);
  return text;
}

std::unique_ptr<Command> SensorsList() {
  return std::make_unique<SensorsCommand>();
}

}  // namespace callbraid::cli
