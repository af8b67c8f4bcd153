#ifndef CALLBRAID_SENSOR_FLOW_NAMING_CALL_H_
#define CALLBRAID_SENSOR_FLOW_NAMING_CALL_H_

#include <cstdint>

namespace callbraid::sensor {

// The call whose signalling named an endpoint.
struct NamingCall {
  // Tells calls apart; 0: none is known.
  uint64_t id = 0;
  // Nobody asks for its media.
  bool spare = false;

  bool asked_for() const { return id != 0 && !spare; }
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_NAMING_CALL_H_
