#ifndef CALLBRAID_SENSOR_CAPTURE_BPF_FILTER_H_
#define CALLBRAID_SENSOR_CAPTURE_BPF_FILTER_H_

#include <cstdint>
#include <string>
#include <vector>

namespace callbraid::sensor {

struct FilterOptions {
  // TCP ports that carry SIP. Empty: 5060.
  std::vector<uint16_t> sip_ports;
  // HOST:PORT of the collector, whose TCP traffic is left out in both
  // directions: capturing it would feed back. If HOST is a name, it may come to
  // mean other addresses, so the port is left out for all hosts. Empty: none.
  std::string collector;
};

// The filter expression (pcap-filter(7)) for frames of `link_type` (DLT_...):
// UDP, TCP on the SIP ports, fragments of both, tunnels, and IPv6 with
// extension headers, which cannot be looked behind in the kernel; of the rest
// what tells about the mirror: ARP, SIP over TLS, TCP that begins like SIP, and
// a sample of one packet in 64. On Ethernet also behind up to four VLAN tags: a
// tag may be stripped by the kernel and then be seen without asking for it, or
// not. However many SIP ports there are, the kernel has room for it.
std::string DefaultFilter(const FilterOptions& options, int link_type);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_BPF_FILTER_H_
