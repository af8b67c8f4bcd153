#include "collector/ingest/sensor_registry.h"

#include <algorithm>
#include <utility>

#include "collector/ingest/bounded_report.h"
#include "common/base/status_macros.h"
#include "common/bytes/utf8.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxSensors = 10'000;
constexpr int kMaxSpools = 8;
constexpr size_t kMaxVersionBytes = 64;
constexpr size_t kMaxFilterBytes = 1024;
constexpr int kMaxSipPorts = 16;
constexpr int64_t kWriteNs = 10'000'000'000;
constexpr int64_t kSecond = 1'000'000'000;

google::protobuf::Timestamp ToTimestamp(int64_t time_ns) {
  google::protobuf::Timestamp time;
  time.set_seconds(time_ns / kSecond);
  time.set_nanos(static_cast<int32_t>(time_ns % kSecond));
  return time;
}

bool IsLive(const v1::Sensor& sensor) {
  return std::all_of(
      sensor.capture_points().begin(), sensor.capture_points().end(),
      [](const v1::SensorCapturePoint& point) {
        return point.capture_point().kind() == v1::CAPTURE_KIND_INTERFACE;
      });
}

v1::CapturePoint Bounded(const v1::CapturePoint& point) {
  v1::CapturePoint bounded;
  bounded.set_name(point.name());
  bounded.set_kind(point.kind());
  bounded.set_filter(ToUtf8(point.filter(), kMaxFilterBytes));
  bounded.set_snaplen(point.snaplen());
  for (const uint32_t port : point.sip_ports()) {
    if (bounded.sip_ports_size() == kMaxSipPorts) break;
    bounded.add_sip_ports(port);
  }
  return bounded;
}

}  // namespace

absl::Status SensorRegistry::Load(CoordinationStore& store) {
  ASSIGN_OR_RETURN(const std::vector<v1::Sensor> stored, store.ListSensors());
  MutexLock lock(mutex_);
  for (const v1::Sensor& sensor : stored) {
    if (sensors_.size() == kMaxSensors) break;
    v1::Sensor& entry = sensors_[sensor.id()].sensor;
    entry = sensor;
    entry.set_connected(false);
    entry.clear_peer();
    entry.clear_round_trip();
    // Counted since the collector started.
    entry.clear_frames_stored();
    entry.clear_frames_repeated();
    entry.clear_frames_malformed();
    entry.clear_frames_absurd();
    entry.clear_frames_deleted();
    entry.clear_refused();
    entry.clear_held_back();
    entry.clear_bytes_received();
  }
  return absl::OkStatus();
}

std::vector<v1::Sensor> SensorRegistry::ListSensors(const Scope& scope) const {
  MutexLock lock(mutex_);
  std::vector<v1::Sensor> sensors;
  sensors.reserve(sensors_.size());
  for (const auto& [id, entry] : sensors_) {
    if (scope.SeesSite(entry.sensor.site())) sensors.push_back(entry.sensor);
  }
  return sensors;
}

SensorRegistry::Entry* SensorRegistry::Find(const std::string& sensor) {
  const auto entry = sensors_.find(sensor);
  if (entry == sensors_.end()) return nullptr;
  entry->second.changed = true;
  *entry->second.sensor.mutable_last_seen_time() = ToTimestamp(clock_.WallNs());
  return &entry->second;
}

bool SensorRegistry::Connected(const v1::Hello& hello,
                               const std::string& peer) {
  MutexLock lock(mutex_);
  if (sensors_.size() >= kMaxSensors &&
      sensors_.count(hello.sensor_id()) == 0) {
    return false;
  }
  Entry& entry = sensors_[hello.sensor_id()];
  entry.changed = true;
  entry.due = true;
  v1::Sensor& sensor = entry.sensor;
  sensor.set_id(hello.sensor_id());
  sensor.set_site(hello.site());
  sensor.set_version(ToUtf8(hello.version(), kMaxVersionBytes));
  sensor.set_connected(true);
  sensor.set_peer(peer);
  *sensor.mutable_connected_time() = ToTimestamp(clock_.WallNs());
  *sensor.mutable_last_seen_time() = sensor.connected_time();
  // Capture points that are gone go; those that stay keep their report.
  google::protobuf::RepeatedPtrField<v1::SensorCapturePoint> points;
  for (const v1::CapturePoint& point : hello.capture_points()) {
    v1::SensorCapturePoint& added = *points.Add();
    *added.mutable_capture_point() = Bounded(point);
    for (const v1::SensorCapturePoint& known : sensor.capture_points()) {
      if (known.capture_point().name() == point.name() && known.has_report()) {
        *added.mutable_report() = known.report();
      }
    }
  }
  sensor.mutable_capture_points()->Swap(&points);
  *sensor.mutable_spools() = hello.spools();
  entry.round_trips = {};
  sensor.clear_round_trip();
  return true;
}

void SensorRegistry::Disconnected(const std::string& sensor) {
  MutexLock lock(mutex_);
  const auto entry = sensors_.find(sensor);
  if (entry == sensors_.end()) return;
  entry->second.changed = true;
  entry->second.due = true;
  entry->second.sensor.set_connected(false);
  entry->second.sensor.clear_peer();
}

void SensorRegistry::Received(const std::string& sensor, size_t bytes,
                              const FrameCounts& counts) {
  MutexLock lock(mutex_);
  Entry* const entry = Find(sensor);
  if (entry == nullptr) return;
  v1::Sensor& s = entry->sensor;
  s.set_bytes_received(s.bytes_received() + bytes);
  s.set_frames_stored(s.frames_stored() + counts.stored);
  s.set_frames_repeated(s.frames_repeated() + counts.repeated);
  s.set_frames_malformed(s.frames_malformed() + counts.malformed);
  s.set_frames_absurd(s.frames_absurd() + counts.absurd);
  s.set_frames_deleted(s.frames_deleted() + counts.deleted);
}

void SensorRegistry::Refused(const std::string& sensor, const char* reason) {
  MutexLock lock(mutex_);
  // Who is refused was not seen: last_seen_time stays.
  const auto found = sensors_.find(sensor);
  ++(found == sensors_.end()
         ? refused_strangers_[reason]
         : (*found->second.sensor.mutable_refused())[reason]);
}

void SensorRegistry::HeldBack(const std::string& sensor) {
  MutexLock lock(mutex_);
  Entry* const entry = Find(sensor);
  if (entry == nullptr) return;
  entry->sensor.set_held_back(entry->sensor.held_back() + 1);
}

std::map<std::string, uint64_t> SensorRegistry::RefusedStrangers() const {
  MutexLock lock(mutex_);
  return refused_strangers_;
}

void SensorRegistry::Heard(const std::string& sensor,
                           const v1::Heartbeat& heartbeat) {
  MutexLock lock(mutex_);
  Entry* const entry = Find(sensor);
  if (entry == nullptr) return;
  entry->sensor.clear_spools();
  for (const v1::SpoolState& spool : heartbeat.spools()) {
    if (entry->sensor.spools_size() == kMaxSpools) break;
    *entry->sensor.add_spools() = spool;
  }
  if (!heartbeat.has_echo() || !entry->round_trips.Add(heartbeat)) return;
  entry->round_trips.Fill(*entry->sensor.mutable_round_trip());
  // The times in a file are not those of the sensor's clock.
  if (IsLive(entry->sensor) &&
      entry->round_trips.Note(*entry->sensor.mutable_clock_epochs())) {
    entry->due = true;
  }
}

void SensorRegistry::Acknowledged(const std::string& sensor,
                                  const v1::Ack& ack) {
  MutexLock lock(mutex_);
  const auto found = sensors_.find(sensor);
  if (found == sensors_.end()) return;
  found->second.changed = true;
  for (v1::SpoolState& spool : *found->second.sensor.mutable_spools()) {
    for (const v1::Watermark& watermark : ack.watermarks()) {
      if (watermark.spool_id() != spool.spool_id()) continue;
      const uint64_t next = watermark.stored() + 1;
      spool.set_first_sequence(std::max(spool.first_sequence(), next));
      spool.set_next_sequence(std::max(spool.next_sequence(), next));
    }
  }
}

void SensorRegistry::Report(const std::string& sensor, uint32_t index,
                            const v1::CaptureReport& report) {
  MutexLock lock(mutex_);
  Entry* const entry = Find(sensor);
  if (entry == nullptr ||
      index >= static_cast<uint32_t>(entry->sensor.capture_points_size())) {
    return;
  }
  *entry->sensor.mutable_capture_points(static_cast<int>(index))
       ->mutable_report() = BoundedReport(report);
  entry->due = entry->due || report.final();
}

std::vector<v1::Sensor> SensorRegistry::TakeDue() {
  MutexLock lock(mutex_);
  const int64_t now_ns = clock_.MonotonicNs();
  const bool all = now_ns - written_ns_ >= kWriteNs;
  if (all) written_ns_ = now_ns;
  std::vector<v1::Sensor> sensors;
  for (auto& [id, entry] : sensors_) {
    if (!entry.changed || !(entry.due || all)) continue;
    entry.changed = entry.due = false;
    sensors.push_back(entry.sensor);
  }
  return sensors;
}

}  // namespace callbraid::collector
