#ifndef CALLBRAID_COMMON_RTP_SEQUENCE_H_
#define CALLBRAID_COMMON_RTP_SEQUENCE_H_

#include <cstdint>

namespace callbraid {

// The 64-bit number nearest to `reference` whose low bits are `value`: how RTP
// sequence numbers (16 bits) and timestamps (32 bits) are followed over their
// wrap, in either direction.
constexpr int64_t Unwrap(uint16_t value, int64_t reference) {
  return reference + static_cast<int16_t>(static_cast<uint16_t>(
                         value - static_cast<uint16_t>(reference)));
}
constexpr int64_t Unwrap(uint32_t value, int64_t reference) {
  return reference +
         static_cast<int32_t>(value - static_cast<uint32_t>(reference));
}

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_RTP_SEQUENCE_H_
