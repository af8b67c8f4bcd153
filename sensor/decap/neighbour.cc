#include "sensor/decap/neighbour.h"

#include <algorithm>

#include "common/bytes/byte_reader.h"

namespace callbraid::sensor {

//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-------------------------------+-------------------------------+
//   |     Hardware: 1, Ethernet     |    Protocol: 0x0800, IPv4     |
//   +---------------+---------------+-------------------------------+
//   |   6 (bytes)   |   4 (bytes)   |           Operation           |
//   +---------------+---------------+-------------------------------+
//   |   Sender: hardware address (6), IP address (4); target ...
std::optional<Neighbour> ParseArp(std::span<const uint8_t> arp,
                                  const LinkHeader& link) {
  ByteReader in(arp);
  const bool is_ethernet = in.U16() == 1;
  const bool is_v4 = in.U16() == 0x0800;
  const bool has_sizes = in.U16() == 0x0604;
  in.U16();
  const auto mac = in.Take(6);
  const auto address = in.Take(4);
  if (!in.ok() || !is_ethernet || !is_v4 || !has_sizes) return std::nullopt;
  Neighbour neighbour;
  neighbour.link = link;
  std::copy_n(mac.begin(), 6, neighbour.link.source_mac.begin());
  neighbour.link.has_mac = true;
  neighbour.address = *IpAddress::FromBytes(address);
  // A probe (RFC 5227): it has no address yet.
  if (neighbour.address.is_unspecified()) return std::nullopt;
  return neighbour;
}

}  // namespace callbraid::sensor
