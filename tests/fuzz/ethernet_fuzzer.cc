// Frames of any link type, one after the other, through decapsulation and into
// the parsers of media.
//
// Input: link type (1 byte, an index), then frames: length (2 bytes), how many
// bytes the capture cut off (1 byte), bytes.

#include <pcap/dlt.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "common/bytes/byte_reader.h"
#include "common/rtp/rtcp_packet.h"
#include "common/rtp/rtp_packet.h"
#include "sensor/decap/decapsulate.h"

namespace {

using callbraid::sensor::Datagram;

constexpr int kLinkTypes[] = {DLT_EN10MB, DLT_LINUX_SLL, DLT_LINUX_SLL2,
                              DLT_RAW,    DLT_NULL,      DLT_LOOP,
                              DLT_IPV4,   DLT_IPV6,      DLT_IEEE802_11};

class ParseMedia final : public callbraid::sensor::DatagramSink {
 public:
  void OnDatagram(const Datagram& datagram) override {
    callbraid::ParseRtp(datagram.payload, datagram.truncated);
    callbraid::ParseRtcp(datagram.payload, datagram.truncated);
  }
  void OnMirrorCopy(const Datagram& copy) override { OnDatagram(copy); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ParseMedia sink;
  callbraid::sensor::Decapsulator decapsulator({}, sink);
  callbraid::ByteReader in({data, size});
  const int link_type = kLinkTypes[in.U8() % std::size(kLinkTypes)];
  int64_t time_ns = 0;
  while (!in.rest().empty()) {
    const size_t length = in.U16();
    const uint32_t cut = in.U8();
    const auto bytes = in.Take(std::min(length, in.rest().size()));
    decapsulator.OnPacket(
        {.time_ns = time_ns,
         .link_type = link_type,
         .bytes = bytes,
         .wire_length = static_cast<uint32_t>(bytes.size()) + cut});
    time_ns += int64_t{cut} * 1'000'000;
  }
  decapsulator.Finish();
  return 0;
}
