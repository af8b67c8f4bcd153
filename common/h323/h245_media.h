#ifndef CALLBRAID_COMMON_H323_H245_MEDIA_H_
#define CALLBRAID_COMMON_H323_H245_MEDIA_H_

#include <optional>

#include "common/h323/per_decoder.h"
#include "common/net/endpoint.h"
#include "common/sip/sdp.h"

namespace callbraid {

// What has tag::kIp and tag::kPort. Nullopt if there is none, or its port is 0.
std::optional<Endpoint> ReadTransportAddress(const PerValue* address);

// One direction of a logical channel as a line of SDP. `parameters` has,
// tagged, what H2250LogicalChannelParameters or its acknowledgement says;
// `data_type` may be null: then nothing is known of the codec. Nullopt for what
// neither RTP nor UDPTL carries.
std::optional<SdpMediaLine> ReadMediaLine(const PerValue* data_type,
                                          const PerValue& parameters);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_H323_H245_MEDIA_H_
