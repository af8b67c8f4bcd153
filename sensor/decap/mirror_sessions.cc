#include "sensor/decap/mirror_sessions.h"

#include <algorithm>

#include "callbraid/v1/census.pb.h"

namespace callbraid::sensor {

uint8_t MirrorSessions::NumberOf(const IpAddress& sender,
                                 const Tunnel& tunnel) {
  if (tunnel.kind != v1::TUNNEL_KIND_ERSPAN) return kNone;
  const std::pair session(sender, tunnel.id);
  const auto found = std::find(sessions_.begin(), sessions_.end(), session);
  const auto number = static_cast<uint8_t>(found - sessions_.begin() + 1);
  if (found != sessions_.end()) return number;
  if (sessions_.size() == kMaxSessions) return kNone;
  sessions_.push_back(session);
  return number;
}

}  // namespace callbraid::sensor
