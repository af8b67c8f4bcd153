#ifndef CALLBRAID_SENSOR_DECAP_NEIGHBOUR_H_
#define CALLBRAID_SENSOR_DECAP_NEIGHBOUR_H_

#include <cstdint>
#include <optional>
#include <span>

#include "common/net/endpoint.h"
#include "sensor/decap/datagram.h"

namespace callbraid::sensor {

// Who has which address, as a host said of itself (ARP, RFC 826). Tells the MAC
// address and VLAN of phones that are silent otherwise.
struct Neighbour {
  // With the host's own MAC as source.
  LinkHeader link;
  IpAddress address;
};

// Of what follows an ARP EtherType. Nullopt unless it is ARP for IPv4 over
// Ethernet whose sender has an address. Never allocates or throws.
std::optional<Neighbour> ParseArp(std::span<const uint8_t> arp,
                                  const LinkHeader& link);

class NeighbourSink {
 public:
  virtual ~NeighbourSink() = default;
  virtual void OnNeighbour(const Neighbour& neighbour) = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_NEIGHBOUR_H_
