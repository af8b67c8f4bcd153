#ifndef CALLBRAID_SENSOR_DECAP_UDP_TUNNEL_H_
#define CALLBRAID_SENSOR_DECAP_UDP_TUNNEL_H_

#include <cstdint>
#include <span>

#include "sensor/decap/tunnel.h"

namespace callbraid::sensor {

// Takes off one layer of a tunnel in UDP: VXLAN (RFC 7348), VXLAN-GPE, Geneve
// (RFC 8926), GTP-U (3GPP TS 29.281), TZSP, L2TP (RFC 2661, RFC 3931). Known by
// the destination port, and by a header that makes sense there: media may use
// any port.
//
// Returns false if it is no tunnel. Never allocates or throws.
bool OpenUdpTunnel(uint16_t port, std::span<const uint8_t> bytes,
                   Tunnel& tunnel);

// Whether the port is that of a tunnel.
bool IsUdpTunnelPort(uint16_t port);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_UDP_TUNNEL_H_
