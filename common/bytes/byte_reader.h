#ifndef CALLBRAID_COMMON_BYTES_BYTE_READER_H_
#define CALLBRAID_COMMON_BYTES_BYTE_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace callbraid {

// A cursor over bytes from outside, network byte order.
//
// Reading past the end returns zeros and latches: read straight through and
// check ok() once. Never allocates or throws.
class ByteReader {
 public:
  explicit ByteReader(std::span<const uint8_t> bytes) : rest_(bytes) {}

  uint8_t U8() { return static_cast<uint8_t>(Big(1)); }
  uint16_t U16() { return static_cast<uint16_t>(Big(2)); }
  uint32_t U24() { return static_cast<uint32_t>(Big(3)); }
  uint32_t U32() { return static_cast<uint32_t>(Big(4)); }
  uint64_t U64() { return Big(8); }

  // The next `size` bytes; empty, and latched, if there are fewer.
  std::span<const uint8_t> Take(size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }

  std::span<const uint8_t> rest() const { return rest_; }
  bool ok() const { return ok_; }

 private:
  uint64_t Big(size_t size) {
    const auto bytes = Take(size);
    uint64_t value = 0;
    for (const uint8_t byte : bytes) value = value << 8 | byte;
    return value;
  }

  std::span<const uint8_t> rest_;
  bool ok_ = true;
};

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_BYTES_BYTE_READER_H_
