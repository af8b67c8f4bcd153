#ifndef CALLBRAID_COMMON_MGCP_MGCP_MEANING_H_
#define CALLBRAID_COMMON_MGCP_MGCP_MEANING_H_

#include <string_view>

#include "common/mgcp/mgcp_message.h"
#include "common/sip/sdp.h"

// What words of MGCP (RFC 3435) and its packages for lines (RFC 3660) mean.

namespace callbraid {

// Who sends it, by the verb: a gateway notifies; a call agent commands. Either
// deletes connections and answers.
enum class MgcpSender { kGateway, kCallAgent, kEither };
MgcpSender MgcpSenderOf(const MgcpMessage& message);

// A signal by which a phone rings, or its user hears that another call waits.
bool IsMgcpRing(const MgcpEvent& signal);

// Whether `message` is a gateway's that its user took the phone off-hook; a
// call agent's to let one ring.
bool MgcpGoesOffHook(const MgcpMessage& message);
bool MgcpRings(const MgcpMessage& message);

// The direction of a connection mode (RFC 3435, section 3.2.2.6), as the
// gateway sees it, in SDP's words: "sendrecv", "sendonly", "recvonly",
// "inactive". Empty for modes of tests, and for none.
std::string_view MgcpDirection(std::string_view mode);

// The same for a line of SDP; `otherwise` where it is empty.
SdpDirection ToSdpDirection(std::string_view direction, SdpDirection otherwise);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_MGCP_MGCP_MEANING_H_
