#ifndef CALLBRAID_COLLECTOR_INGEST_REPORT_HISTORY_H_
#define CALLBRAID_COLLECTOR_INGEST_REPORT_HISTORY_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "callbraid/v1/frame.pb.h"
#include "callbraid/v1/sensor.pb.h"
#include "common/base/mutex.h"

namespace callbraid::collector {

// What one capture point reported in the last hour.
struct CaptureHistory {
  // What was seen of hosts within one minute, each host once.
  struct Hosts {
    int64_t minute = 0;  // Of capture time, since 1970.
    std::vector<v1::HostTraffic> hosts;
  };
  // Bounded, without hosts; oldest first, about a minute apart, and the newest.
  // Of one run of the sensor: numbers never go down.
  std::vector<v1::CaptureReport> reports;
  // Oldest first.
  std::vector<Hosts> hosts;
};

// The last hour of reports, so that the doctor can tell what is from what was:
// a mirror that was repaired must look well at once. In memory alone: after a
// restart it begins with what the registry stored.
//
// Bounded by the limits below; what does not fit makes room from the oldest on,
// first of the same sensor.
// Written by the ingest thread, read by any.
class ReportHistory {
 public:
  static constexpr size_t kMaxPoints = 1024;
  static constexpr size_t kMaxPointsOfSensor = 64;
  static constexpr size_t kMaxReports = 62;
  static constexpr size_t kMaxMinutes = 61;
  // Hosts of a capture point, over all its minutes.
  static constexpr size_t kMaxHosts = 4096;
  // Whose spools are known.
  static constexpr size_t kMaxSensors = 10'000;

  // Begins with what was stored of the sensors.
  void Load(const std::vector<v1::Sensor>& sensors);

  void Add(const std::string& sensor, const std::string& capture_point,
           const v1::CaptureReport& report);

  // What the sensor's spools were like at `collector_ns`.
  void AddSpools(
      const std::string& sensor,
      const google::protobuf::RepeatedPtrField<v1::SpoolState>& spools,
      int64_t collector_ns);

  // Empty if nothing is known.
  CaptureHistory Of(const std::string& sensor,
                    const std::string& capture_point) const;
  // Frames that its spools threw away in the last hour.
  uint64_t DiscardedBy(const std::string& sensor) const;

 private:
  using HostKey = std::pair<std::string, std::string>;  // MAC, address.
  struct Minute {
    int64_t minute = 0;
    std::map<HostKey, v1::HostTraffic> hosts;
  };
  struct Point {
    std::deque<v1::CaptureReport> reports;
    std::deque<Minute> minutes;
    size_t hosts = 0;
    // The larger, the later it was reported of.
    uint64_t order = 0;
  };
  using Points = std::map<std::pair<std::string, std::string>, Point>;

  struct Discarded {
    int64_t time_ns = 0;
    uint64_t frames = 0;
  };

  static void AddReport(const v1::CaptureReport& report, Point& point);
  static void AddHosts(const v1::CaptureReport& report, Point& point);

  // Forgets a capture point if one more of `sensor` would be too many.
  void MakeRoomFor(const std::string& sensor)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable Mutex mutex_;
  Points points_ ABSL_GUARDED_BY(mutex_);
  uint64_t order_ ABSL_GUARDED_BY(mutex_) = 0;
  // Totals, oldest first: of an hour ago or before, then a minute apart.
  std::map<std::string, std::deque<Discarded>> discarded_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_REPORT_HISTORY_H_
