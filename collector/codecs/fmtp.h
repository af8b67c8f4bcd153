#ifndef CALLBRAID_COLLECTOR_CODECS_FMTP_H_
#define CALLBRAID_COLLECTOR_CODECS_FMTP_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace callbraid::collector {

// The number that a=fmtp gives a parameter: 1 of "octet-align=1; mode-set=0,2"
// for "octet-align". Names are compared without case; spaces are skipped.
std::optional<uint32_t> FmtpNumber(std::string_view fmtp,
                                   std::string_view parameter);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CODECS_FMTP_H_
