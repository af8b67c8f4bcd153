#ifndef CALLBRAID_SENSOR_SPOOL_SPOOL_SINK_H_
#define CALLBRAID_SENSOR_SPOOL_SPOOL_SINK_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/time/time.h"
#include "common/base/clock.h"
#include "sensor/frame/frame_sink.h"
#include "sensor/spool/spool_writer.h"

namespace callbraid::sensor {

// One capture point's way into the spools: serializes frames and gathers them
// into batches, one buffer for each lane. Owned by the capture thread, so the
// path of a packet takes no lock.
class SpoolSink final : public FrameSink {
 public:
  // How long frames are gathered by default, and how many bytes and frames at
  // most.
  static constexpr absl::Duration kDefaultGather = absl::Milliseconds(100);
  static constexpr size_t kBatchBytes = size_t{256} << 10;
  static constexpr uint32_t kBatchFrames = 2048;

  struct Writers {
    std::shared_ptr<SpoolWriter> signalling;
    std::shared_ptr<SpoolWriter> media;
    // Null if no media is spare.
    std::shared_ptr<SpoolWriter> spare;
    // Null if none is kept.
    std::shared_ptr<SpoolWriter> kept = nullptr;
  };
  // `clock` must outlive the sink.
  SpoolSink(Writers writers, absl::Duration gather, const Clock& clock);

  void OnFrame(v1::SpoolLane lane, const v1::CallFrame& frame) override;

  // Hands over what has been gathered long enough. Call often.
  void OnTime();
  // Hands over everything.
  void Flush();

  // How far a writer has to come until what was handed to it is safe.
  struct Mark {
    std::shared_ptr<SpoolWriter> writer;
    uint64_t buffers = 0;
    bool is_safe() const { return writer->synced() >= buffers; }
  };
  // Hands over everything, and tells when all of it is safe.
  std::vector<Mark> FlushAndMark();

  // Media goes to `writer` from now on.
  void SwitchMedia(std::shared_ptr<SpoolWriter> writer);

 private:
  struct Lane {
    std::shared_ptr<SpoolWriter> writer;
    FrameBuffer buffer;
    // When the first frame came into the buffer.
    int64_t since_ns = 0;
  };
  Lane& LaneOf(v1::SpoolLane lane);
  static void HandOver(Lane& lane);

  const int64_t gather_ns_;
  const Clock& clock_;
  Lane signalling_;
  Lane media_;
  Lane spare_;
  Lane kept_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SPOOL_SPOOL_SINK_H_
