#include "collector/web/metrics.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string_view>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/codecs/decoders_apart.h"
#include "collector/web/metrics_writer.h"

namespace callbraid::collector {
namespace {

using Sensors = std::vector<std::reference_wrapper<const v1::Sensor>>;

// What was revoked will not come back, and neither will what ended, or was
// never there, of itself.
bool IsExpected(const v1::Sensor& sensor) {
  if (sensor.trust().has_revoke_time()) return false;
  return sensor.connected() ||
         std::any_of(sensor.capture_points().begin(),
                     sensor.capture_points().end(),
                     [](const auto& point) { return !point.report().final(); });
}

// What a capture point says that goes on; null: none.
const v1::CaptureReport* ReportOf(const v1::SensorCapturePoint& point) {
  return point.has_report() && !point.report().final() ? &point.report()
                                                       : nullptr;
}

std::string_view Word(v1::SpoolLane lane) {
  switch (lane) {
    case v1::SPOOL_LANE_SIGNALLING:
      return "signalling";
    case v1::SPOOL_LANE_SPARE_MEDIA:
      return "spare_media";
    default:
      return "media";
  }
}

struct SensorMetric {
  const char* name;
  MetricKind kind;
  const char* help;
  uint64_t (v1::Sensor::*value)() const;
};

constexpr SensorMetric kOfSensors[] = {
    {"callbraid_sensor_frames_stored_total", MetricKind::kCounter,
     "Frames that were stored.", &v1::Sensor::frames_stored},
    {"callbraid_sensor_frames_repeated_total", MetricKind::kCounter,
     "Frames that had been stored before.", &v1::Sensor::frames_repeated},
    {"callbraid_sensor_frames_malformed_total", MetricKind::kCounter,
     "Frames that were malformed.", &v1::Sensor::frames_malformed},
    {"callbraid_sensor_frames_absurd_total", MetricKind::kCounter,
     "Frames refused for what they say.", &v1::Sensor::frames_absurd},
    {"callbraid_sensor_frames_deleted_total", MetricKind::kCounter,
     "Frames dropped, of calls that were deleted on order.",
     &v1::Sensor::frames_deleted},
    {"callbraid_sensor_received_bytes_total", MetricKind::kCounter,
     "Bytes of batches received.", &v1::Sensor::bytes_received},
    {"callbraid_sensor_held_back_total", MetricKind::kCounter,
     "Times that it sent more than ingest.max_... allow.",
     &v1::Sensor::held_back},
    {"callbraid_sensor_observations_waiting", MetricKind::kGauge,
     "Dialogs and streams that wait to be correlated.",
     &v1::Sensor::observations_waiting},
};

// Also of those that were revoked.
void AddPresence(const Sensors& sensors, std::string& out) {
  Metric connected(out, "callbraid_sensor_connected", MetricKind::kGauge,
                   "1 while the sensor is connected.");
  for (const v1::Sensor& sensor : sensors) {
    connected.Add({{"sensor", sensor.id()},
                   {"site", sensor.site()},
                   {"version", sensor.version()}},
                  sensor.connected() ? 1 : 0);
  }
  Metric expected(out, "callbraid_sensor_expected", MetricKind::kGauge,
                  "1 unless the sensor was revoked, ended, or never came.");
  for (const v1::Sensor& sensor : sensors) {
    expected.Add({{"sensor", sensor.id()}}, IsExpected(sensor) ? 1 : 0);
  }
}

void AddSensors(const Sensors& sensors, std::string& out) {
  Metric seen(out, "callbraid_sensor_last_seen_timestamp_seconds",
              MetricKind::kGauge, "When anything last came from the sensor.");
  for (const v1::Sensor& sensor : sensors) {
    if (!sensor.has_last_seen_time()) continue;
    seen.Add({{"sensor", sensor.id()}}, sensor.last_seen_time().seconds());
  }
  for (const SensorMetric& of : kOfSensors) {
    Metric metric(out, of.name, of.kind, of.help);
    for (const v1::Sensor& sensor : sensors) {
      metric.Add({{"sensor", sensor.id()}}, (sensor.*of.value)());
    }
  }
}

void AddTrust(const Sensors& sensors, std::string& out) {
  Metric offset(out, "callbraid_sensor_clock_offset_seconds",
                MetricKind::kGauge,
                "How far the sensor's clock is ahead of the reference.");
  for (const v1::Sensor& sensor : sensors) {
    if (!sensor.has_clock()) continue;
    offset.Add({{"sensor", sensor.id()},
                {"reference", sensor.clock().reference().empty()
                                  ? std::string_view("collector")
                                  : sensor.clock().reference()}},
               MetricSeconds(sensor.clock().offset_ns()));
  }
  Metric expiry(out, "callbraid_sensor_certificate_expiry_timestamp_seconds",
                MetricKind::kGauge,
                "Until when the newest certificate made here is good.");
  for (const v1::Sensor& sensor : sensors) {
    if (!sensor.trust().has_certificate_expire_time()) continue;
    expiry.Add({{"sensor", sensor.id()}},
               sensor.trust().certificate_expire_time().seconds());
  }
}

// Those that were revoked and come all the same are why it is counted.
void AddRefused(const v1::ListSensorsResponse& response, std::string& out) {
  Metric refused(out, "callbraid_refused_connections_total",
                 MetricKind::kCounter,
                 "Connections refused or ended, by reason; sensor is empty for "
                 "strangers.");
  for (const v1::Sensor& sensor : response.sensors()) {
    for (const auto& [reason, count] : sensor.refused()) {
      refused.Add({{"sensor", sensor.id()}, {"reason", reason}}, count);
    }
  }
  for (const auto& [reason, count] : response.refused_strangers()) {
    refused.Add({{"sensor", ""}, {"reason", reason}}, count);
  }
}

struct SpoolMetric {
  const char* name;
  MetricKind kind;
  const char* help;
  uint64_t (*value)(const v1::SpoolState& spool);
};

constexpr SpoolMetric kOfSpools[] = {
    {"callbraid_spool_waiting_frames", MetricKind::kGauge,
     "Frames on the sensor's disk that are not acknowledged.",
     [](const v1::SpoolState& spool) {
       return spool.next_sequence() - spool.first_sequence();
     }},
    {"callbraid_spool_bytes", MetricKind::kGauge, "Size of the spool on disk.",
     [](const v1::SpoolState& spool) { return uint64_t{spool.bytes()}; }},
    {"callbraid_spool_limit_bytes", MetricKind::kGauge,
     "What the spool may take.",
     [](const v1::SpoolState& spool) { return uint64_t{spool.limit_bytes()}; }},
    {"callbraid_spool_discarded_frames_total", MetricKind::kCounter,
     "Frames thrown away because the spool was full.",
     [](const v1::SpoolState& spool) {
       return uint64_t{spool.discarded_frames()};
     }},
};

void AddSpools(const Sensors& sensors, std::string& out) {
  for (const SpoolMetric& of : kOfSpools) {
    Metric metric(out, of.name, of.kind, of.help);
    for (const v1::Sensor& sensor : sensors) {
      for (const v1::SpoolState& spool : sensor.spools()) {
        // One of an earlier process may wait beside the one in use.
        const std::string id = absl::StrCat(absl::Hex(spool.spool_id()));
        metric.Add({{"sensor", sensor.id()},
                    {"lane", Word(spool.lane())},
                    {"spool", id}},
                   of.value(spool));
      }
    }
  }
}

struct CaptureMetric {
  const char* name;
  const char* help;
  uint64_t (v1::CaptureReport::*value)() const;
};

constexpr CaptureMetric kOfCaptures[] = {
    {"callbraid_capture_packets_total", "Packets captured.",
     &v1::CaptureReport::packets},
    {"callbraid_capture_bytes_total", "Bytes captured.",
     &v1::CaptureReport::bytes},
    {"callbraid_capture_kernel_drops_total",
     "Packets dropped because the kernel's ring was full.",
     &v1::CaptureReport::kernel_drops},
    {"callbraid_capture_interface_drops_total",
     "Packets dropped by the interface or its driver.",
     &v1::CaptureReport::interface_drops},
    {"callbraid_capture_tunnel_drops_total",
     "Packets missing in the numbering of mirror tunnels.",
     &v1::CaptureReport::tunnel_drops},
    {"callbraid_capture_mirror_copies_total",
     "Copies made by the mirror, and removed.",
     &v1::CaptureReport::mirror_copies},
};

void AddCaptures(const Sensors& sensors, std::string& out) {
  for (const CaptureMetric& of : kOfCaptures) {
    Metric metric(out, of.name, MetricKind::kCounter, of.help);
    for (const v1::Sensor& sensor : sensors) {
      for (const v1::SensorCapturePoint& point : sensor.capture_points()) {
        const v1::CaptureReport* const report = ReportOf(point);
        if (report == nullptr) continue;
        metric.Add({{"sensor", sensor.id()},
                    {"capture_point", point.capture_point().name()}},
                   (report->*of.value)());
      }
    }
  }
  Metric discarded(out, "callbraid_capture_discarded_total",
                   MetricKind::kCounter,
                   "Packets that could not be used, by reason.");
  for (const v1::Sensor& sensor : sensors) {
    for (const v1::SensorCapturePoint& point : sensor.capture_points()) {
      const v1::CaptureReport* const report = ReportOf(point);
      if (report == nullptr) continue;
      for (const auto& [reason, count] : report->discarded()) {
        discarded.Add({{"sensor", sensor.id()},
                       {"capture_point", point.capture_point().name()},
                       {"reason", reason}},
                      count);
      }
    }
  }
}

void AddProcess(std::string& out) {
  Metric(out, "callbraid_decoders_lost_total", MetricKind::kCounter,
         "Decoders of audio that crashed or hung.")
      .Add({}, DecodersLost());
  uint64_t pages = 0;
  uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  Metric memory(out, "process_resident_memory_bytes", MetricKind::kGauge,
                "Resident memory of the collector.");
  memory.Add({}, resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
  std::error_code error;
  uint64_t open = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end;
       !error && at != end; at.increment(error)) {
    ++open;
  }
  Metric files(out, "process_open_fds", MetricKind::kGauge,
               "Open files of the collector.");
  files.Add({}, open);
}

}  // namespace

std::string MetricsText(const v1::ListSensorsResponse& response,
                        const std::optional<WholeState>& whole) {
  Sensors all;
  Sensors trusted;
  for (const v1::Sensor& sensor : response.sensors()) {
    all.push_back(sensor);
    if (!sensor.trust().has_revoke_time()) trusted.push_back(sensor);
  }
  std::string out;
  AddPresence(all, out);
  AddSensors(trusted, out);
  AddTrust(trusted, out);
  AddRefused(response, out);
  AddSpools(trusted, out);
  AddCaptures(trusted, out);
  if (whole) AddWholeMetrics(*whole, out);
  AddProcess(out);
  return out;
}

}  // namespace callbraid::collector
