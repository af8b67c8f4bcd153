#ifndef CALLBRAID_COMMON_SIP_MASK_KEYS_H_
#define CALLBRAID_COMMON_SIP_MASK_KEYS_H_

#include <string>

namespace callbraid {

// Overwrites with '*', character by character, what media keys `text` (a SIP
// message or SDP, whole, cut or malformed) has: a=crypto (RFC 4568), k= (RFC
// 4566, section 5.12) and MIKEY (RFC 4567, also as a header). Lengths stay, and
// so do suite, lifetime and MKI.
void MaskKeys(std::string& text);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SIP_MASK_KEYS_H_
