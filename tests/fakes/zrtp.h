#ifndef CALLBRAID_TESTS_FAKES_ZRTP_H_
#define CALLBRAID_TESTS_FAKES_ZRTP_H_

#include <string_view>

#include "tests/fakes/packet_builder.h"

namespace callbraid::fakes {

// A message of ZRTP (RFC 6189, section 5) of this type, which is 8 bytes long:
// "Hello   ", "Confirm2"... Without what would be in it, and what checks it.
inline Bytes Zrtp(std::string_view type) {
  Bytes out = {0x10, 0, 0, 1, 'Z', 'R', 'T', 'P', 1, 2, 3, 4, 0x50, 0x5a, 0, 3};
  Append(out, ToBytes(type));
  AppendU32(out, 0);
  return out;
}

}  // namespace callbraid::fakes

#endif  // CALLBRAID_TESTS_FAKES_ZRTP_H_
