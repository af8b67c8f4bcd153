#ifndef CALLBRAID_SENSOR_DECAP_LINK_TUNNEL_H_
#define CALLBRAID_SENSOR_DECAP_LINK_TUNNEL_H_

#include <cstdint>
#include <optional>
#include <span>

#include "sensor/decap/discard.h"
#include "sensor/decap/tunnel.h"

namespace callbraid::sensor {

// Takes off one layer of a tunnel behind a link header: VN-Tag, E-Tag, PBB
// (802.1ah), MPLS (RFC 3032, RFC 4448), PPPoE (RFC 2516). MACsec is known by
// name alone.
//
// Returns why not, or nullopt. Never allocates or throws.
std::optional<Discard> OpenLinkTunnel(uint16_t ether_type,
                                      std::span<const uint8_t> bytes,
                                      Tunnel& tunnel);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_LINK_TUNNEL_H_
