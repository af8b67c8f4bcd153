#include "sensor/decap/tunnel.h"

#include "common/bytes/byte_reader.h"

namespace callbraid::sensor {

uint16_t IpTypeOf(std::span<const uint8_t> bytes) {
  if (bytes.empty()) return 0;
  switch (bytes[0] >> 4) {
    case 4:
      return kIpv4Inside;
    case 6:
      return kIpv6Inside;
    default:
      return 0;
  }
}

bool LooksLikeEthernet(std::span<const uint8_t> bytes) {
  ByteReader in(bytes);
  in.Take(12);
  switch (const uint16_t ether_type = in.U16()) {
    case kIpv4Inside:
    case kIpv6Inside:
      return IpTypeOf(in.rest()) == ether_type;
    case 0x0806:  // ARP.
    case 0x8100:
    case 0x88a8:
    case kMplsInside:
    case 0x8864:  // PPPoE.
      return true;
    default:
      return false;
  }
}

bool FindL2tp3Frame(std::span<const uint8_t> bytes, Tunnel& tunnel) {
  ByteReader in(bytes);
  in.U32();
  for (int words = 0; words <= 3; ++words) {
    if (LooksLikeEthernet(in.rest())) {
      tunnel.Open(kEthernetInside, in.rest());
      return true;
    }
    in.U32();
  }
  return false;
}

}  // namespace callbraid::sensor
