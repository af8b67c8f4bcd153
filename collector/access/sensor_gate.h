#ifndef CALLBRAID_COLLECTOR_ACCESS_SENSOR_GATE_H_
#define CALLBRAID_COLLECTOR_ACCESS_SENSOR_GATE_H_

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "callbraid/v1/uplink.pb.h"
#include "common/pki/certificate.h"

namespace callbraid::collector {

// Why a sensor is not taken, or no longer.
struct SensorRefusal {
  // One word, by which it is counted.
  const char* reason;
  // For people.
  absl::Status status;
};

// What the operator decided about sensors, as the uplink asks it: at each
// hello, and again of every stream when something changed. Thread-safe, never
// touches the disk.
class SensorGate {
 public:
  virtual ~SensorGate() = default;

  // Whether who says `hello`, with a certificate that is for its id, may be
  // that sensor now.
  virtual std::optional<SensorRefusal> Check(
      const v1::Hello& hello, const pki::Validity& certificate) const = 0;

  // Another number whenever an operator decided something.
  virtual uint64_t changes() const = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_SENSOR_GATE_H_
