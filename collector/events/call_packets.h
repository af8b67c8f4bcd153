#ifndef CALLBRAID_COLLECTOR_EVENTS_CALL_PACKETS_H_
#define CALLBRAID_COLLECTOR_EVENTS_CALL_PACKETS_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "collector/events/hep_packet.h"

namespace callbraid::collector {

// What there is to send to a capture server of a call: its signalling, with
// keys of media masked, its RTCP, and how well its streams could be heard.
class CallPackets {
 public:
  // All but the capture id. What it refers to lasts as long as the visit. False
  // ends it.
  using Visit = std::function<bool(const HepPacket&)>;

  virtual ~CallPackets() = default;
  // NOT_FOUND: there is no such call; those of the store.
  virtual absl::Status Read(const std::string& call_id, const Visit& visit) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_CALL_PACKETS_H_
