#ifndef CALLBRAID_COLLECTOR_TIMELINE_SIP_TRANSFER_H_
#define CALLBRAID_COLLECTOR_TIMELINE_SIP_TRANSFER_H_

#include <optional>
#include <string>

#include "common/sip/sip_message.h"

namespace callbraid::collector {

// A transfer that a SIP message asks for.
struct SipTransfer {
  // As TransferEvent.
  std::string to;
  bool replaces = false;
};

// Of a REFER to another party (RFC 3515; with Replaces in its URI: RFC 5589,
// section 7), or of an INVITE that takes the place of a call (Replaces, RFC
// 3891). Nullopt of anything else.
std::optional<SipTransfer> TransferIn(const SipMessage& message);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_SIP_TRANSFER_H_
