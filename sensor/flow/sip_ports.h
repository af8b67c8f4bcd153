#ifndef CALLBRAID_SENSOR_FLOW_SIP_PORTS_H_
#define CALLBRAID_SENSOR_FLOW_SIP_PORTS_H_

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "common/net/endpoint.h"

namespace callbraid::sensor {

// Of SIP in TLS (RFC 3261, section 18).
inline bool UsesSipTlsPort(const FlowKey& flow) {
  constexpr uint16_t kPort = 5061;
  return flow.source.port == kPort || flow.destination.port == kPort;
}

// The few ports that are SIP's by configuration.
class SipPorts {
 public:
  explicit SipPorts(std::vector<uint16_t> ports) : ports_(std::move(ports)) {}

  bool UsedBy(const FlowKey& flow) const {
    return Contains(flow.source.port) || Contains(flow.destination.port);
  }

 private:
  bool Contains(uint16_t port) const {
    return std::find(ports_.begin(), ports_.end(), port) != ports_.end();
  }

  std::vector<uint16_t> ports_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_FLOW_SIP_PORTS_H_
