#ifndef CALLBRAID_SENSOR_CAPTURE_INTERFACE_PROBE_H_
#define CALLBRAID_SENSOR_CAPTURE_INTERFACE_PROBE_H_

#include <cstdint>
#include <string>

#include "callbraid/v1/census.pb.h"

namespace callbraid::sensor {

// The counters of an interface as the kernel keeps them: 32 bits that wrap.
struct InterfaceCounts {
  uint32_t rx_frames = 0;
  uint32_t rx_bytes = 0;
  uint32_t rx_multicast = 0;
  uint32_t rx_errors = 0;
};

// What the kernel knows of an interface apart from its packets: link, speed,
// counters, offloads. Asks by ioctl and netlink, so it is right in any network
// namespace, and needs no privilege. One thread.
class InterfaceProbe {
 public:
  // What is received from now on is counted.
  explicit InterfaceProbe(std::string interface);

  // Asks again; call about once a second. `now_ns`: monotonic.
  void Update(int64_t now_ns);

  // Takes counters in, as Update() does with the kernel's.
  void Count(const InterfaceCounts& now, int64_t now_ns);

  const v1::InterfaceState& state() const { return state_; }

 private:
  void ReadLink();

  const std::string interface_;
  bool begun_ = false;
  InterfaceCounts last_;
  int64_t last_ns_ = 0;
  // Highest loads of the minute that runs and of the one before it.
  uint64_t peak_ = 0;
  uint64_t peak_before_ = 0;
  int64_t minute_ = 0;
  v1::InterfaceState state_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_INTERFACE_PROBE_H_
