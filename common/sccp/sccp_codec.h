#ifndef CALLBRAID_COMMON_SCCP_SCCP_CODEC_H_
#define CALLBRAID_COMMON_SCCP_SCCP_CODEC_H_

#include <cstdint>
#include <optional>

#include "common/sccp/sccp_message.h"
#include "common/sip/sdp.h"

namespace callbraid {

// How RTP carries a Media_Payload of SCCP. Nullopt where that has no static
// payload type: SCCP does not say which one is used.
std::optional<SdpPayload> SccpPayload(uint32_t media_payload);

// The media that `message` names, as a line of SDP says it: audio at
// `endpoint`, with what the message says of the codec.
SdpMediaLine SccpMediaLine(const Endpoint& endpoint, uint32_t media_payload,
                           uint8_t event_type);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SCCP_SCCP_CODEC_H_
