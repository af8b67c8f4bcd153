#ifndef CALLBRAID_SENSOR_CAPTURE_THREAD_H_
#define CALLBRAID_SENSOR_CAPTURE_THREAD_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "callbraid/v1/config.pb.h"
#include "callbraid/v1/uplink.pb.h"
#include "common/base/clock.h"
#include "common/base/thread.h"
#include "sensor/capture/packet_source.h"
#include "sensor/capture_pipeline.h"
#include "sensor/decap/mirror_splitter.h"
#include "sensor/frame/coding_regulator.h"
#include "sensor/frame/kept_streams.h"
#include "sensor/spool/spool_series.h"
#include "sensor/spool/spool_sink.h"
#include "sensor/spool/spool_writer.h"
#include "sensor/tls/tls_keys.h"

namespace callbraid::sensor {

// One source of packets, its capture points, and the thread they run on: the
// interface, file or folder itself, and the mirrors that come to it in tunnels.
// Each point has a pipeline and a way into the spools of its own.
class CaptureThread {
 public:
  // What all captures of a sensor share, and what outlives them.
  struct Shared {
    const v1::SensorConfig& config;
    SpoolSeries& media;
    std::shared_ptr<SpoolWriter> signalling;
    // Null if all media is asked for.
    std::shared_ptr<SpoolWriter> spare;
    // Null if none is kept for other sensors that send it.
    std::shared_ptr<SpoolWriter> kept;
    const KeptStreams& kept_streams;
    TlsKeys& tls_keys;
    const Clock& clock;
  };

  // The capture points of a source, for the hello. `config` has passed
  // Validate().
  static std::vector<v1::CapturePoint> PointsOf(const PacketSource& source,
                                                const v1::SensorConfig& config);

  // `table`: that of the hello, with all of PointsOf().
  CaptureThread(std::unique_ptr<PacketSource> source, const Shared& shared,
                const std::vector<v1::CapturePoint>& table);

  // `on_end` is called on the thread, at its end: after the source's, after
  // Stop(), or when it fails.
  void Start(const std::string& name, std::function<void()> on_end);
  // From any thread.
  void Stop() { source_->Stop(); }
  // Call before status().
  void Join() { thread_.Join(); }
  // How reading ended.
  const absl::Status& status() const { return status_; }

 private:
  struct Point {
    Point(const Shared& shared, uint32_t index,
          const v1::InterfaceState* interface);

    SpoolSink sink;
    CapturePipeline pipeline;
  };

  // A part of the source, handed on, until it is safe in the spools.
  using Part = std::vector<SpoolSink::Mark>;

  void Run();
  void OnTime();
  void FollowParts();
  void Regulate();

  const Shared shared_;
  const bool regulates_coding_;
  const std::unique_ptr<PacketSource> source_;
  // Oldest first.
  std::deque<Part> parts_;
  // Of the series: the spool that media goes to.
  uint64_t media_number_;
  // Of the mirrors, and its own.
  std::vector<std::unique_ptr<Point>> points_;
  // Null if it has but one point.
  std::unique_ptr<MirrorSplitter> splitter_;

  CodingRegulator regulator_;
  // When it was told last, and the thread's CPU time then.
  int64_t regulated_ns_ = 0;
  int64_t cpu_ns_ = 0;

  // Of the thread until it is joined.
  absl::Status status_;
  Thread thread_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_THREAD_H_
