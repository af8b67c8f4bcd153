#ifndef CALLBRAID_SENSOR_FRAME_CODING_REGULATOR_H_
#define CALLBRAID_SENSOR_FRAME_CODING_REGULATOR_H_

#include <cstdint>

#include "common/media/payload_coding.h"

namespace callbraid::sensor {

// Chooses how media is coded ("auto"), by what the machine has to spare: fast
// as a rule; best where the uplink is behind and the CPU is idle; none where
// the CPU is nearly all needed to capture, for a packet that is dropped is
// dearer than bytes. docs/media-coding.md.
//
// One thread.
class CodingRegulator {
 public:
  // To be told about once a second: which share of one core the capture thread
  // took (0 to 1), and how long the oldest frame of media has waited for the
  // collector.
  void Note(int64_t now_ns, double busy, int64_t waiting_ns);

  CodingEffort effort() const { return effort_; }

 private:
  CodingEffort effort_ = CodingEffort::kFast;
  // Since when the uplink keeps up; 0 while it does not.
  int64_t keeps_up_since_ns_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FRAME_CODING_REGULATOR_H_
