#include "sensor/capture/pcap_handle.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace callbraid::sensor {

absl::Status CompileFilter(pcap_t* pcap, const std::string& expression,
                           bpf_program& program) {
  if (pcap_compile(pcap, &program, expression.c_str(), /*optimize=*/1,
                   PCAP_NETMASK_UNKNOWN) == 0) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("bad filter expression '", expression,
                   "' (see pcap-filter(7)): ", pcap_geterr(pcap)));
}

absl::Status SetFilter(pcap_t* pcap, const std::string& expression) {
  bpf_program program = {};
  RETURN_IF_ERROR(CompileFilter(pcap, expression, program));
  const int result = pcap_setfilter(pcap, &program);
  pcap_freecode(&program);
  if (result != 0) {
    return absl::InternalError(absl::StrCat("cannot set filter '", expression,
                                            "': ", pcap_geterr(pcap)));
  }
  return absl::OkStatus();
}

CapturedPacket ToCapturedPacket(const pcap_pkthdr& header, const uint8_t* bytes,
                                int link_type, bool nanoseconds) {
  // A damaged pcapng file can hold seconds beyond what 64 bits of ns can.
  constexpr int64_t kMaxSeconds = 9'000'000'000;
  const int64_t seconds =
      std::clamp(int64_t{header.ts.tv_sec}, -kMaxSeconds, kMaxSeconds);
  const int64_t fraction =
      std::clamp(int64_t{header.ts.tv_usec}, int64_t{0}, int64_t{999'999'999});
  CapturedPacket packet;
  packet.time_ns =
      seconds * 1'000'000'000 + fraction * (nanoseconds ? 1 : 1000);
  packet.link_type = link_type;
  packet.bytes = {bytes, header.caplen};
  packet.wire_length = header.len;
  return packet;
}

}  // namespace callbraid::sensor
