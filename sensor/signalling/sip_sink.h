#ifndef CALLBRAID_SENSOR_SIGNALLING_SIP_SINK_H_
#define CALLBRAID_SENSOR_SIGNALLING_SIP_SINK_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/net/endpoint.h"
#include "sensor/decap/datagram.h"

namespace callbraid::sensor {

inline constexpr size_t kMaxSipMessageBytes = 65'535;

// One SIP message as captured. A view: valid until the sink returns.
struct SipView {
  // Arrival of the packet that completed it.
  int64_t time_ns = 0;
  // Tells messages of the same time apart.
  uint32_t ordinal = 0;
  FlowKey flow;
  Protocol protocol = Protocol::kUdp;
  // At most kMaxSipMessageBytes.
  std::string_view message;
  // The end is missing.
  bool truncated = false;
  LinkHeader link;
  uint8_t dscp = 0;
};

class SipSink {
 public:
  virtual ~SipSink() = default;
  virtual void OnSip(const SipView& sip) = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_SIP_SINK_H_
