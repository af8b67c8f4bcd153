#include "common/sccp/sccp_codec.h"

#include <array>

namespace callbraid {
namespace {

struct Codec {
  uint32_t media_payload;
  uint8_t payload_type;
};
// RFC 3551, section 6. G.729 of any annex has one payload type.
constexpr std::array<Codec, 16> kCodecs = {{{2, 8},
                                            {3, 8},
                                            {4, 0},
                                            {5, 0},
                                            {6, 9},
                                            {7, 9},
                                            {8, 9},
                                            {9, 4},
                                            {10, 15},
                                            {11, 18},
                                            {12, 18},
                                            {15, 18},
                                            {16, 18},
                                            {18, 3},
                                            {80, 3},
                                            {82, 2}}};

}  // namespace

std::optional<SdpPayload> SccpPayload(uint32_t media_payload) {
  for (const Codec& codec : kCodecs) {
    if (codec.media_payload != media_payload) continue;
    const StaticPayload known = StaticPayloadOf(codec.payload_type);
    SdpPayload payload;
    payload.type = codec.payload_type;
    payload.name = known.name;
    payload.clock_rate = known.clock_rate;
    return payload;
  }
  return std::nullopt;
}

SdpMediaLine SccpMediaLine(const Endpoint& endpoint, uint32_t media_payload,
                           uint8_t event_type) {
  SdpMediaLine line;
  line.kind = "audio";
  line.protocol = "RTP/AVP";
  line.rtp = endpoint;
  line.rtcp = endpoint;
  if (line.rtcp.port < 0xffff) ++line.rtcp.port;
  if (auto payload = SccpPayload(media_payload)) {
    line.payloads.push_back(*std::move(payload));
  }
  if (event_type != 0) {
    SdpPayload events;
    events.type = event_type;
    events.name = "telephone-event";
    events.clock_rate = 8000;
    line.payloads.push_back(std::move(events));
  }
  return line;
}

}  // namespace callbraid
