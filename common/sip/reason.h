#ifndef CALLBRAID_COMMON_SIP_REASON_H_
#define CALLBRAID_COMMON_SIP_REASON_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace callbraid {

// Why a call is ended, as the Reason headers of a message say (RFC 3326).
struct SipReason {
  // Of ITU-T Q.850: 1 to 127. 0: none is named.
  uint32_t q850 = 0;
  // 100 to 699: "SIP;cause=200", with CANCEL to the phones that did not take
  // the call. 0: none.
  uint32_t status = 0;
  // The first text, whatever protocol it is of, without quotes and escapes; cut
  // to 256 bytes, which may be no UTF-8. Control characters are blanks.
  std::string text;
};

// Of `headers`, all lines of a message; of several values of one protocol the
// first counts. What makes no sense is left out. Never throws.
SipReason ParseSipReason(std::string_view headers);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SIP_REASON_H_
