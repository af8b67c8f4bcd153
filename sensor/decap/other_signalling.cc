#include "sensor/decap/other_signalling.h"

#include <string_view>

namespace callbraid::sensor {
namespace {

// Of the text encoding, over UDP or TCP.
constexpr uint16_t kMegacoPort = 2944;

bool Uses(const FlowKey& flow, uint16_t port) {
  return flow.source.port == port || flow.destination.port == port;
}

// A full frame (RFC 5456, section 8.1.1): its first bit is set; the frame type,
// 1 to 12, is the 11th byte.
bool BeginsLikeIax2(std::span<const uint8_t> payload) {
  return payload.size() >= 12 && (payload[0] & 0x80) != 0 && payload[10] >= 1 &&
         payload[10] <= 12;
}

// RFC 3525, annex B: in full, or short.
bool BeginsLikeMegaco(std::span<const uint8_t> payload) {
  const std::string_view text(reinterpret_cast<const char*>(payload.data()),
                              payload.size());
  return text.starts_with("MEGACO/") || text.starts_with("!/");
}

}  // namespace

v1::SignallingProtocol OtherSignallingOf(const Datagram& datagram) {
  const FlowKey& flow = datagram.flow;
  const bool is_tcp = datagram.protocol == Protocol::kTcp;
  if (!is_tcp && Uses(flow, kIax2Port) && BeginsLikeIax2(datagram.payload)) {
    return v1::SIGNALLING_PROTOCOL_IAX2;
  }
  // Over TCP it comes in TPKT, too.
  const size_t header = is_tcp && datagram.payload.size() > 4 ? 4 : 0;
  if (Uses(flow, kMegacoPort) &&
      BeginsLikeMegaco(datagram.payload.subspan(header))) {
    return v1::SIGNALLING_PROTOCOL_MEGACO;
  }
  return v1::SIGNALLING_PROTOCOL_UNSPECIFIED;
}

}  // namespace callbraid::sensor
