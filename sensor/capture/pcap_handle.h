#ifndef CALLBRAID_SENSOR_CAPTURE_PCAP_HANDLE_H_
#define CALLBRAID_SENSOR_CAPTURE_PCAP_HANDLE_H_

#include <pcap/pcap.h>

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "sensor/capture/packet_source.h"

namespace callbraid::sensor {

struct PcapClose {
  void operator()(pcap_t* pcap) const { pcap_close(pcap); }
};
using PcapHandle = std::unique_ptr<pcap_t, PcapClose>;

// INVALID_ARGUMENT if `expression` is no filter expression for the handle's
// link type. Whoever has the program frees it (pcap_freecode()).
absl::Status CompileFilter(pcap_t* pcap, const std::string& expression,
                           bpf_program& program);

// Compiles `expression` and sets it. INVALID_ARGUMENT if it is no filter
// expression for the handle's link type.
absl::Status SetFilter(pcap_t* pcap, const std::string& expression);

// `nanoseconds`: what the handle puts into tv_usec is ns (see
// pcap_get_tstamp_precision()).
CapturedPacket ToCapturedPacket(const pcap_pkthdr& header, const uint8_t* bytes,
                                int link_type, bool nanoseconds);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_CAPTURE_PCAP_HANDLE_H_
