#ifndef CALLBRAID_COLLECTOR_WEB_BYTE_RANGE_H_
#define CALLBRAID_COLLECTOR_WEB_BYTE_RANGE_H_

#include <cstdint>
#include <string>

namespace callbraid::collector {

// What part of a file of `size` bytes is asked for (RFC 9110, section 14).
struct ByteRange {
  enum class Kind {
    // No range, one that is not understood, or several: the whole.
    kWhole,
    kPart,
    // Behind the end.
    kNone,
  };
  Kind kind = Kind::kWhole;
  uint64_t first = 0;
  uint64_t length = 0;

  // `header` is the value of "Range", "" without one.
  static ByteRange Parse(const std::string& header, uint64_t size);
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_WEB_BYTE_RANGE_H_
