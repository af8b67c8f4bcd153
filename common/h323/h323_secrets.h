#ifndef CALLBRAID_COMMON_H323_H323_SECRETS_H_
#define CALLBRAID_COMMON_H323_H323_SECRETS_H_

#include <string_view>
#include <vector>

#include "common/h323/per_decoder.h"

namespace callbraid {

// What nobody may see of what was decoded: media keys (H.235), and, as they may
// be there, whatever could not be read. Into the bytes that were decoded.
std::vector<std::string_view> SecretsOf(const PerDecoded& decoded);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_H323_H323_SECRETS_H_
