#ifndef CALLBRAID_SENSOR_FRAME_FRAME_SINK_H_
#define CALLBRAID_SENSOR_FRAME_FRAME_SINK_H_

#include "callbraid/v1/frame.pb.h"
#include "callbraid/v1/uplink.pb.h"

namespace callbraid::sensor {

// Takes finished call frames. Implemented by the spool's side.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // `frame` may be reused by the caller when this returns. Must not block
  // longer than the source can wait.
  virtual void OnFrame(v1::SpoolLane lane, const v1::CallFrame& frame) = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FRAME_FRAME_SINK_H_
