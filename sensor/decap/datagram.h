#ifndef CALLBRAID_SENSOR_DECAP_DATAGRAM_H_
#define CALLBRAID_SENSOR_DECAP_DATAGRAM_H_

#include <array>
#include <cstdint>
#include <span>

#include "common/net/endpoint.h"

namespace callbraid::sensor {

// How the frame looked below IP.
struct LinkHeader {
  std::array<uint8_t, 6> source_mac = {};
  std::array<uint8_t, 6> destination_mac = {};
  bool has_mac = false;
  // Outermost first; more than 4 tags are not followed.
  std::array<uint16_t, 4> vlan_ids = {};
  uint8_t vlan_count = 0;
  // What follows the last tag: 0x0800 IPv4... 0 where the link type has none.
  uint16_t ether_type = 0;
};

enum class Protocol : uint8_t { kUdp, kTcp };

// One UDP datagram or TCP segment, out of its frames: tags stripped, fragments
// put together, copies of the mirror removed. A view: valid until the sink
// returns.
struct Datagram {
  int64_t time_ns = 0;
  FlowKey flow;
  Protocol protocol = Protocol::kUdp;
  std::span<const uint8_t> payload;
  // The capture cut the payload.
  bool truncated = false;
  // Of the innermost frame, if it came in tunnels.
  LinkHeader link;
  // Layers of tunnels that were taken off.
  uint8_t tunnels = 0;
  uint8_t dscp = 0;
  // TCP only.
  uint32_t tcp_sequence = 0;
  bool tcp_syn = false;
  bool tcp_fin = false;
  bool tcp_rst = false;
};

class DatagramSink {
 public:
  virtual ~DatagramSink() = default;
  virtual void OnDatagram(const Datagram& datagram) = 0;
  // A copy that the mirror made of a datagram handed on before was removed.
  virtual void OnMirrorCopy(const Datagram& copy) = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_DATAGRAM_H_
