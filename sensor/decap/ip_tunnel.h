#ifndef CALLBRAID_SENSOR_DECAP_IP_TUNNEL_H_
#define CALLBRAID_SENSOR_DECAP_IP_TUNNEL_H_

#include <cstdint>
#include <optional>
#include <span>

#include "sensor/decap/discard.h"
#include "sensor/decap/tunnel.h"

namespace callbraid::sensor {

// Takes off one layer of a tunnel in IP: IP (RFC 2003, RFC 4213), GRE
// (RFC 2784, RFC 2890), ERSPAN I to III
// (draft-foschiano-erspan), L2TPv3 (RFC 3931). IPsec is known by name alone.
//
// Returns why not, or nullopt. Never allocates or throws.
std::optional<Discard> OpenIpTunnel(uint8_t protocol,
                                    std::span<const uint8_t> bytes,
                                    Tunnel& tunnel);

// Whether packets of this protocol are opened.
bool IsIpTunnel(uint8_t protocol);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_IP_TUNNEL_H_
