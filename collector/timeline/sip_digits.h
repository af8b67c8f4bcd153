#ifndef CALLBRAID_COLLECTOR_TIMELINE_SIP_DIGITS_H_
#define CALLBRAID_COLLECTOR_TIMELINE_SIP_DIGITS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "callbraid/v1/timeline.pb.h"
#include "common/sip/sip_message.h"

namespace callbraid::collector {

// Keys that one SIP request tells of.
struct SipDigits {
  v1::DtmfSource source = v1::DTMF_SOURCE_UNSPECIFIED;
  // At least one, at most 32; each as DtmfEvent.digit.
  std::string digits;
  // Of each; 0 if not told.
  int64_t duration_ms = 0;
};

// Of an INFO with application/dtmf-relay ("Signal=5", "Duration=160") or
// application/dtmf ("5"), or a NOTIFY with application/kpml-response+xml
// (RFC 4730, section 5.3: the digits of its attribute). Nullopt of anything
// else. Never throws.
std::optional<SipDigits> DigitsIn(const SipMessage& message);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_TIMELINE_SIP_DIGITS_H_
