#ifndef CALLBRAID_SENSOR_DECAP_LINK_LAYER_H_
#define CALLBRAID_SENSOR_DECAP_LINK_LAYER_H_

#include <cstdint>
#include <optional>
#include <span>

#include "sensor/decap/datagram.h"
#include "sensor/decap/discard.h"

namespace callbraid::sensor {

// Finds the IP packet in a frame of link type `link_type` (DLT_..., libpcap):
// Ethernet with up to 4 tags (802.1Q, 802.1ad), Linux cooked v1 and v2, raw IP,
// BSD loopback, PPP, Cisco HDLC, IEEE 802.11 with radiotap and without; PPPoE
// and MPLS, which are tunnels (link_tunnel.h), so "not IP".
//
// Sets `ip` to all that follows the link header, Ethernet padding included,
// also where that is no IP. MAC addresses are those of Ethernet and 802.11: a
// cooked frame has but one. Returns why the frame cannot be used, or nullopt.
// Never allocates or throws.
std::optional<Discard> ParseLink(int link_type, std::span<const uint8_t> frame,
                                 LinkHeader& link,
                                 std::span<const uint8_t>& ip);

// The same behind an EtherType that stands somewhere else: `bytes` is what
// follows it. Tags are added to those in `link`.
std::optional<Discard> ParseEtherType(uint16_t ether_type,
                                      std::span<const uint8_t> bytes,
                                      LinkHeader& link,
                                      std::span<const uint8_t>& ip);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_LINK_LAYER_H_
