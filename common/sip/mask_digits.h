#ifndef CALLBRAID_COMMON_SIP_MASK_DIGITS_H_
#define CALLBRAID_COMMON_SIP_MASK_DIGITS_H_

#include <string>

namespace callbraid {

// Overwrites with "x" the keys (DTMF) that `text`, a SIP message, whole, cut or
// malformed, says were pressed: in bodies of application/dtmf and
// application/dtmf-relay, of kpml-response (RFC 4730, section 5.3), of types
// that name digits or telephone-events otherwise; also as parts of a multipart
// body. Lengths stay, and so do the durations of dtmf-relay.
void MaskSipDigits(std::string& text);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SIP_MASK_DIGITS_H_
