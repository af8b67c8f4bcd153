#ifndef CALLBRAID_COMMON_SIP_PARTY_H_
#define CALLBRAID_COMMON_SIP_PARTY_H_

#include <string>
#include <string_view>

namespace callbraid {

// Who a SIP, SIPS or tel URI (RFC 3261, section 19.1; RFC 3966) stands for:
// the number or user without parameters and password, or the host if there is
// no user. Escapes are undone if all of them stand for printable ASCII.
std::string NumberOf(std::string_view uri);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_SIP_PARTY_H_
