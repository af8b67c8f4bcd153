#ifndef CALLBRAID_COLLECTOR_CODECS_BIT_READER_H_
#define CALLBRAID_COLLECTOR_CODECS_BIT_READER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace callbraid::collector {

// Reads bits, the highest of a byte first. Beyond the end there are zeros.
class BitReader {
 public:
  explicit BitReader(std::span<const uint8_t> bytes) : bytes_(bytes) {}

  size_t left() const { return bytes_.size() * 8 - at_; }
  // At most 32.
  uint32_t Read(size_t bits) {
    uint32_t value = 0;
    for (; bits > 0; --bits) {
      value <<= 1;
      if (left() == 0) continue;
      value |= bytes_[at_ / 8] >> (7 - at_ % 8) & 1u;
      ++at_;
    }
    return value;
  }
  void Skip(size_t bits) { at_ += std::min(bits, left()); }

 private:
  const std::span<const uint8_t> bytes_;
  size_t at_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_CODECS_BIT_READER_H_
