#ifndef CALLBRAID_COMMON_BYTES_UTF8_H_
#define CALLBRAID_COMMON_BYTES_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace callbraid {

// `text` as it may stand in a proto3 string: SIP headers may hold any byte, and
// a message with a string that is not UTF-8 cannot be read back. Bytes that are
// not UTF-8 become '?'; the result is cut to `max_bytes`, between characters.
std::string ToUtf8(std::string_view text, size_t max_bytes);

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_BYTES_UTF8_H_
