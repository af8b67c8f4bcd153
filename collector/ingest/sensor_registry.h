#ifndef CALLBRAID_COLLECTOR_INGEST_SENSOR_REGISTRY_H_
#define CALLBRAID_COLLECTOR_INGEST_SENSOR_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "callbraid/v1/sensor.pb.h"
#include "callbraid/v1/uplink.pb.h"
#include "collector/ingest/round_trips.h"
#include "collector/ingest/sensor_directory.h"
#include "collector/store/store.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// What became of the frames of one batch.
struct FrameCounts {
  uint64_t stored = 0;
  uint64_t repeated = 0;
  uint64_t malformed = 0;
  uint64_t absurd = 0;
  // Of calls that were deleted on order.
  uint64_t deleted = 0;
};

// Every sensor that is or was connected: its capture points, spools, newest
// reports and counters. Written by the ingest thread, read by any; any may also
// count refusals.
class SensorRegistry final : public SensorDirectory {
 public:
  // `clock` must outlive the registry.
  explicit SensorRegistry(const Clock& clock) : clock_(clock) {}

  // Takes over what was stored before this start. Once.
  absl::Status Load(CoordinationStore& store);

  std::vector<v1::Sensor> ListSensors(const Scope& scope) const override;

  std::map<std::string, uint64_t> RefusedStrangers() const override;

  // False if there are too many sensors already.
  bool Connected(const v1::Hello& hello, const std::string& peer);
  void Disconnected(const std::string& sensor);
  void Received(const std::string& sensor, size_t bytes,
                const FrameCounts& counts);
  // Somebody who claimed this id was refused, or its stream ended; `reason` is
  // one of a few words in our code.
  void Refused(const std::string& sensor, const char* reason);
  // It must wait before it is read from again.
  void HeldBack(const std::string& sensor);
  // The state of its spools, at most 8, and how its clock compares with ours.
  void Heard(const std::string& sensor, const v1::Heartbeat& heartbeat);
  // The sensor frees these frames: what it last said of its spools is older.
  void Acknowledged(const std::string& sensor, const v1::Ack& ack);
  // `index` is that of the hello.
  void Report(const std::string& sensor, uint32_t index,
              const v1::CaptureReport& report);

  // Sensors to write with the next commit: those that connected, disconnected,
  // ended a capture or whose clock is another one now, and about every 10 s all
  // that changed.
  std::vector<v1::Sensor> TakeDue();

 private:
  struct Entry {
    v1::Sensor sensor;
    bool changed = false;
    bool due = false;
    // Of this connection.
    RoundTrips round_trips;
  };

  Entry* Find(const std::string& sensor) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Clock& clock_;
  mutable Mutex mutex_;
  std::map<std::string, Entry> sensors_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, uint64_t> refused_strangers_ ABSL_GUARDED_BY(mutex_);
  int64_t written_ns_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_SENSOR_REGISTRY_H_
