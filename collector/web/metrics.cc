#include "collector/web/metrics.h"

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "collector/codecs/decoders_apart.h"

namespace callbraid::collector {
namespace {

using Labels = std::vector<std::pair<const char*, std::string_view>>;

enum class Kind { kGauge, kCounter };

// One metric: its head, then a line for each set of labels. Nothing at all
// without a line.
class Metric {
 public:
  Metric(std::string& out, const char* name, Kind kind, const char* help)
      : out_(out), name_(name), kind_(kind), help_(help) {}

  template <typename Number>
  void Add(const Labels& labels, Number value) {
    if (!std::exchange(begun_, true)) {
      absl::StrAppend(&out_, "# HELP ", name_, " ", help_, "\n# TYPE ", name_,
                      kind_ == Kind::kCounter ? " counter\n" : " gauge\n");
    }
    absl::StrAppend(&out_, name_);
    char before = '{';
    for (const auto& [label, text] : labels) {
      out_ += std::exchange(before, ',');
      absl::StrAppend(&out_, label, "=\"");
      AppendEscaped(text);
      out_ += '"';
    }
    absl::StrAppend(&out_, labels.empty() ? " " : "} ", value, "\n");
  }

 private:
  void AppendEscaped(std::string_view text) {
    for (const char character : text) {
      if (character == '\n') {
        out_ += "\\n";
        continue;
      }
      if (character == '\\' || character == '"') out_ += '\\';
      out_ += character;
    }
  }

  std::string& out_;
  const char* const name_;
  const Kind kind_;
  const char* const help_;
  bool begun_ = false;
};

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

double Seconds(int64_t ns) { return static_cast<double>(ns) / 1e9; }

struct SensorMetric {
  const char* name;
  Kind kind;
  const char* help;
  uint64_t (v1::Sensor::*value)() const;
};

constexpr SensorMetric kOfSensors[] = {
    {"callbraid_sensor_frames_stored_total", Kind::kCounter,
     "Frames that were stored.", &v1::Sensor::frames_stored},
    {"callbraid_sensor_frames_repeated_total", Kind::kCounter,
     "Frames that had been stored before.", &v1::Sensor::frames_repeated},
    {"callbraid_sensor_frames_malformed_total", Kind::kCounter,
     "Frames that were malformed.", &v1::Sensor::frames_malformed},
    {"callbraid_sensor_frames_absurd_total", Kind::kCounter,
     "Frames refused for what they say.", &v1::Sensor::frames_absurd},
    {"callbraid_sensor_frames_deleted_total", Kind::kCounter,
     "Frames dropped, of calls that were deleted on order.",
     &v1::Sensor::frames_deleted},
    {"callbraid_sensor_received_bytes_total", Kind::kCounter,
     "Bytes of batches received.", &v1::Sensor::bytes_received},
    {"callbraid_sensor_held_back_total", Kind::kCounter,
     "Times that it sent more than ingest.max_... allow.",
     &v1::Sensor::held_back},
    {"callbraid_sensor_observations_waiting", Kind::kGauge,
     "Dialogs and streams that wait to be correlated.",
     &v1::Sensor::observations_waiting},
};

void AddSensors(const v1::ListSensorsResponse& sensors, std::string& out) {
  Metric connected(out, "callbraid_sensor_connected", Kind::kGauge,
                   "1 while the sensor is connected.");
  for (const v1::Sensor& sensor : sensors.sensors()) {
    connected.Add({{"sensor", sensor.id()},
                   {"site", sensor.site()},
                   {"version", sensor.version()}},
                  sensor.connected() ? 1 : 0);
  }
  Metric seen(out, "callbraid_sensor_last_seen_timestamp_seconds", Kind::kGauge,
              "When anything last came from the sensor.");
  for (const v1::Sensor& sensor : sensors.sensors()) {
    if (!sensor.has_last_seen_time()) continue;
    seen.Add({{"sensor", sensor.id()}}, sensor.last_seen_time().seconds());
  }
  for (const SensorMetric& of : kOfSensors) {
    Metric metric(out, of.name, of.kind, of.help);
    for (const v1::Sensor& sensor : sensors.sensors()) {
      metric.Add({{"sensor", sensor.id()}}, (sensor.*of.value)());
    }
  }
}

void AddTrust(const v1::ListSensorsResponse& sensors, std::string& out) {
  Metric offset(out, "callbraid_sensor_clock_offset_seconds", Kind::kGauge,
                "How far the sensor's clock is ahead of the reference.");
  for (const v1::Sensor& sensor : sensors.sensors()) {
    if (!sensor.has_clock()) continue;
    offset.Add({{"sensor", sensor.id()},
                {"reference", sensor.clock().reference().empty()
                                  ? std::string_view("collector")
                                  : sensor.clock().reference()}},
               Seconds(sensor.clock().offset_ns()));
  }
  Metric expiry(out, "callbraid_sensor_certificate_expiry_timestamp_seconds",
                Kind::kGauge,
                "Until when the newest certificate made here is good.");
  for (const v1::Sensor& sensor : sensors.sensors()) {
    if (!sensor.trust().has_certificate_expire_time()) continue;
    expiry.Add({{"sensor", sensor.id()}},
               sensor.trust().certificate_expire_time().seconds());
  }
  Metric refused(out, "callbraid_refused_connections_total", Kind::kCounter,
                 "Connections refused or ended, by reason; sensor is empty for "
                 "strangers.");
  for (const v1::Sensor& sensor : sensors.sensors()) {
    for (const auto& [reason, count] : sensor.refused()) {
      refused.Add({{"sensor", sensor.id()}, {"reason", reason}}, count);
    }
  }
  for (const auto& [reason, count] : sensors.refused_strangers()) {
    refused.Add({{"sensor", ""}, {"reason", reason}}, count);
  }
}

struct SpoolMetric {
  const char* name;
  Kind kind;
  const char* help;
  uint64_t (*value)(const v1::SpoolState& spool);
};

constexpr SpoolMetric kOfSpools[] = {
    {"callbraid_spool_waiting_frames", Kind::kGauge,
     "Frames on the sensor's disk that are not acknowledged.",
     [](const v1::SpoolState& spool) {
       return spool.next_sequence() - spool.first_sequence();
     }},
    {"callbraid_spool_bytes", Kind::kGauge, "Size of the spool on disk.",
     [](const v1::SpoolState& spool) { return uint64_t{spool.bytes()}; }},
    {"callbraid_spool_limit_bytes", Kind::kGauge, "What the spool may take.",
     [](const v1::SpoolState& spool) { return uint64_t{spool.limit_bytes()}; }},
    {"callbraid_spool_discarded_frames_total", Kind::kCounter,
     "Frames thrown away because the spool was full.",
     [](const v1::SpoolState& spool) {
       return uint64_t{spool.discarded_frames()};
     }},
};

void AddSpools(const v1::ListSensorsResponse& sensors, std::string& out) {
  for (const SpoolMetric& of : kOfSpools) {
    Metric metric(out, of.name, of.kind, of.help);
    for (const v1::Sensor& sensor : sensors.sensors()) {
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

void AddCaptures(const v1::ListSensorsResponse& sensors, std::string& out) {
  for (const CaptureMetric& of : kOfCaptures) {
    Metric metric(out, of.name, Kind::kCounter, of.help);
    for (const v1::Sensor& sensor : sensors.sensors()) {
      for (const v1::SensorCapturePoint& point : sensor.capture_points()) {
        if (!point.has_report()) continue;
        metric.Add({{"sensor", sensor.id()},
                    {"capture_point", point.capture_point().name()}},
                   (point.report().*of.value)());
      }
    }
  }
  Metric discarded(out, "callbraid_capture_discarded_total", Kind::kCounter,
                   "Packets that could not be used, by reason.");
  for (const v1::Sensor& sensor : sensors.sensors()) {
    for (const v1::SensorCapturePoint& point : sensor.capture_points()) {
      for (const auto& [reason, count] : point.report().discarded()) {
        discarded.Add({{"sensor", sensor.id()},
                       {"capture_point", point.capture_point().name()},
                       {"reason", reason}},
                      count);
      }
    }
  }
}

struct SinkMetric {
  const char* name;
  Kind kind;
  const char* help;
  uint64_t SinkState::*value;
};

constexpr SinkMetric kOfSinks[] = {
    {"callbraid_events_delivered_total", Kind::kCounter,
     "Events that the sink took.", &SinkState::delivered},
    {"callbraid_events_failed_attempts_total", Kind::kCounter,
     "Attempts that failed and are made again.", &SinkState::failed_attempts},
    {"callbraid_events_waiting", Kind::kGauge,
     "Events that the sink has not come to yet.", &SinkState::waiting},
};

constexpr std::pair<const char*, uint64_t SinkState::*> kLostOfSinks[] = {
    {"refused", &SinkState::refused},
    {"expired", &SinkState::expired},
    {"gone", &SinkState::gone},
};

void AddSinks(const std::vector<SinkState>& sinks, std::string& out) {
  const auto labels = [](const SinkState& sink) {
    return Labels{{"sink", sink.name}, {"type", sink.type}};
  };
  Metric down(out, "callbraid_events_sink_down", Kind::kGauge,
              "1 while the sink takes nothing.");
  for (const SinkState& sink : sinks) down.Add(labels(sink), sink.down ? 1 : 0);
  for (const SinkMetric& of : kOfSinks) {
    Metric metric(out, of.name, of.kind, of.help);
    for (const SinkState& sink : sinks) {
      metric.Add(labels(sink), sink.*of.value);
    }
  }
  Metric lost(out, "callbraid_events_lost_total", Kind::kCounter,
              "Events that the sink never gets, by reason.");
  for (const SinkState& sink : sinks) {
    for (const auto& [reason, value] : kLostOfSinks) {
      Labels with_reason = labels(sink);
      with_reason.emplace_back("reason", reason);
      lost.Add(with_reason, sink.*value);
    }
  }
  Metric oldest(out, "callbraid_events_oldest_seconds", Kind::kGauge,
                "Age of the oldest event that the sink has not taken.");
  for (const SinkState& sink : sinks) {
    oldest.Add(labels(sink), Seconds(sink.oldest_ns));
  }
}

struct RetentionMetric {
  const char* name;
  Kind kind;
  const char* help;
  uint64_t value;
};

void AddRetention(const RetentionState& state, std::string& out) {
  const auto whole_seconds = [](int64_t ns) {
    return static_cast<uint64_t>(ns / 1'000'000'000);
  };
  const RetentionMetric metrics[] = {
      {"callbraid_store_bytes", Kind::kGauge, "What the data folder keeps.",
       state.use.bytes},
      {"callbraid_store_free_bytes", Kind::kGauge,
       "Free in the file system of the data folder.", state.use.free_bytes},
      {"callbraid_store_disk_bytes", Kind::kGauge, "Size of that file system.",
       state.use.total_bytes},
      {"callbraid_store_oldest_media_seconds", Kind::kGauge,
       "Unix time of the oldest media that are kept; 0: none are.",
       whole_seconds(state.use.oldest_media_ns.value_or(0))},
      {"callbraid_retention_expired_calls_total", Kind::kCounter,
       "Calls deleted because of their age.", state.expired_calls},
      {"callbraid_retention_drops_for_room_total", Kind::kCounter,
       "Times that media were deleted to make room.", state.drops_for_room},
      {"callbraid_retention_full", Kind::kGauge,
       "1 while there is too little room and nothing may be deleted.",
       state.is_full ? uint64_t{1} : 0},
      {"callbraid_retention_last_run_seconds", Kind::kGauge,
       "Unix time of the last run by age; 0 before.",
       whole_seconds(state.last_run_ns)},
  };
  for (const RetentionMetric& of : metrics) {
    Metric(out, of.name, of.kind, of.help).Add({}, of.value);
  }
}

void AddProcess(std::string& out) {
  Metric(out, "callbraid_decoders_lost_total", Kind::kCounter,
         "Decoders of audio that crashed or hung.")
      .Add({}, DecodersLost());
  uint64_t pages = 0;
  uint64_t resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  Metric memory(out, "process_resident_memory_bytes", Kind::kGauge,
                "Resident memory of the collector.");
  memory.Add({}, resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE)));
  std::error_code error;
  uint64_t open = 0;
  for (std::filesystem::directory_iterator at("/proc/self/fd", error), end;
       !error && at != end; at.increment(error)) {
    ++open;
  }
  Metric files(out, "process_open_fds", Kind::kGauge,
               "Open files of the collector.");
  files.Add({}, open);
}

}  // namespace

std::string MetricsText(const v1::ListSensorsResponse& sensors,
                        const std::optional<WholeState>& whole) {
  std::string out;
  AddSensors(sensors, out);
  AddTrust(sensors, out);
  AddSpools(sensors, out);
  AddCaptures(sensors, out);
  if (whole) {
    AddSinks(whole->sinks, out);
    AddRetention(whole->retention, out);
  }
  AddProcess(out);
  return out;
}

}  // namespace callbraid::collector
