#ifndef CALLBRAID_COLLECTOR_EVENTS_HEP_PACKET_H_
#define CALLBRAID_COLLECTOR_EVENTS_HEP_PACKET_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "common/net/endpoint.h"

namespace callbraid::collector {

// What the payload of a HEP packet is (chunk 11).
enum class HepPayload : uint8_t {
  kSip = 1,
  kRtcpJson = 5,
  kMgcp = 6,
  // "MOS full report".
  kQualityJson = 34,
};

struct HepPacket {
  HepPayload payload_type = HepPayload::kSip;
  FlowKey flow;
  // 17 (UDP) or 6 (TCP).
  uint8_t ip_protocol = 17;
  // Capture time.
  int64_t time_ns = 0;
  uint32_t capture_id = 0;
  // By which the server puts packets together: a Call-ID.
  std::string_view correlation_id;
  // Where it was captured.
  std::string_view node;
  std::string_view payload;
};

// HEP3, or EEP, as https://github.com/sipcapture/HEP describes it. The end of a
// payload is cut off where the packet would be longer than a UDP datagram
// takes.
std::string EncodeHep(const HepPacket& packet);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_HEP_PACKET_H_
