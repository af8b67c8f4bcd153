#ifndef CALLBRAID_SENSOR_DECAP_MIRROR_SESSIONS_H_
#define CALLBRAID_SENSOR_DECAP_MIRROR_SESSIONS_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/net/endpoint.h"
#include "sensor/decap/tunnel.h"

namespace callbraid::sensor {

// Numbers the sessions of ERSPAN that come to one capture point, each of a
// sender and a session id (type I has none: of a sender), as they are first
// seen. What two of them show of one packet is two sights of it, by two
// switches or two sessions of one, and no copy that a mirror made.
//
// At most 16; what is of none of them has no number. One thread.
class MirrorSessions {
 public:
  static constexpr uint8_t kMaxSessions = 16;
  static constexpr uint8_t kNone = 0;

  // 1 to kMaxSessions, or kNone: `tunnel` is no ERSPAN, or there are too many.
  uint8_t NumberOf(const IpAddress& sender, const Tunnel& tunnel);

  size_t size() const { return sessions_.size(); }

 private:
  std::vector<std::pair<IpAddress, uint32_t>> sessions_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_MIRROR_SESSIONS_H_
