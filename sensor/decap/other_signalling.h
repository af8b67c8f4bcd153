#ifndef CALLBRAID_SENSOR_DECAP_OTHER_SIGNALLING_H_
#define CALLBRAID_SENSOR_DECAP_OTHER_SIGNALLING_H_

#include <cstdint>

#include "callbraid/v1/protocol.pb.h"
#include "sensor/decap/datagram.h"

namespace callbraid::sensor {

// RFC 5456, section 6.
inline constexpr uint16_t kIax2Port = 4569;

// The protocol of `datagram`, if it is one that sets up calls but is not read
// here: IAX2 (UDP 4569) or Megaco (2944), by port and by how it begins.
// Unspecified for all else.
v1::SignallingProtocol OtherSignallingOf(const Datagram& datagram);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_OTHER_SIGNALLING_H_
