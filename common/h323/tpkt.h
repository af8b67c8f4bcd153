#ifndef CALLBRAID_COMMON_H323_TPKT_H_
#define CALLBRAID_COMMON_H323_TPKT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace callbraid {

inline constexpr size_t kTpktHeaderBytes = 4;

// The size of the TPKT that `bytes` begins with (RFC 1006, section 6), with its
// header. Nullopt unless all four bytes of that are there and make sense. Those
// of H.323 may be empty, to keep a connection alive.
//
//   version:8 = 3  reserved:8 = 0  length:16
inline std::optional<size_t> ReadTpktSize(std::string_view bytes) {
  if (bytes.size() < kTpktHeaderBytes || bytes[0] != 3 || bytes[1] != 0) {
    return std::nullopt;
  }
  const size_t size = size_t{static_cast<uint8_t>(bytes[2])} << 8 |
                      static_cast<uint8_t>(bytes[3]);
  if (size < kTpktHeaderBytes) return std::nullopt;
  return size;
}

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_H323_TPKT_H_
