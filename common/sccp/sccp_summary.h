#ifndef CALLBRAID_COMMON_SCCP_SCCP_SUMMARY_H_
#define CALLBRAID_COMMON_SCCP_SCCP_SUMMARY_H_

#include <string>

#include "common/sccp/sccp_message.h"

namespace callbraid {

// In words, for a list: "CallState RingIn", "StartMediaTransmission
// 10.0.0.1:4000 PCMU", "0x0134".
std::string SccpSummary(const SccpMessage& message);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SCCP_SCCP_SUMMARY_H_
