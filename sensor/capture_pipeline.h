#ifndef CALLBRAID_SENSOR_CAPTURE_PIPELINE_H_
#define CALLBRAID_SENSOR_CAPTURE_PIPELINE_H_

#include <cstdint>
#include <memory>
#include <string_view>

#include "callbraid/v1/census.pb.h"
#include "callbraid/v1/config.pb.h"
#include "common/media/payload_coding.h"
#include "sensor/capture/packet_source.h"
#include "sensor/frame/frame_sink.h"
#include "sensor/frame/kept_streams.h"
#include "sensor/tls/tls_keys.h"

namespace callbraid::sensor {

// The path of a packet through the sensor, from one capture point to call
// frames: decap -> flow -> signalling -> frame. Each capture point has its own,
// so nothing is shared and nothing is locked.
//
// Time is the capture's: a file read at full speed gives the same frames as the
// live traffic gave. One thread.
class CapturePipeline final : public PacketSink {
 public:
  // `sink` must outlive the pipeline. `capture_point` is the index in the
  // hello.
  // `interface`: what the source knows of it, null of a file; it is read again
  // for each report.
  // `tls_keys`: of all capture points, and outlives the pipeline; null if TLS
  // is not to be read.
  // `kept`: likewise; null if the payload of all streams is sent.
  CapturePipeline(const v1::SensorConfig& config, uint32_t capture_point,
                  FrameSink& sink,
                  const v1::InterfaceState* interface = nullptr,
                  TlsKeys* tls_keys = nullptr,
                  const KeptStreams* kept = nullptr);
  ~CapturePipeline() override;

  void OnPacket(const CapturedPacket& packet) override;
  void OnKeyLog(std::string_view lines) override;

  // Time has passed without packets: hands on chunks that are due, ends idle
  // streams, and reports. Call after each PacketSource::Read().
  void OnTime(int64_t watermark_ns, const CaptureCounters& counters);

  // How media is coded from now on; at first as the configuration says, fast if
  // it says "auto".
  void set_effort(CodingEffort effort);

  // Hands on the media that is held.
  void Flush();

  // Ends the run of every stream, and hands on its media: what follows stands
  // on its own, and need not come after it.
  void EndRuns();

  // Hands on all that is held and ends every stream; a final report.
  void Finish(int64_t watermark_ns, const CaptureCounters& counters);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_PIPELINE_H_
