#ifndef CALLBRAID_COMMON_H323_BIT_READER_H_
#define CALLBRAID_COMMON_H323_BIT_READER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace callbraid {

// A cursor over bits from outside, the highest of each byte first.
//
// Reading past the end returns zeros and latches: read straight through and
// check ok(). Never allocates or throws.
class BitReader {
 public:
  explicit BitReader(std::string_view bytes) : bytes_(bytes) {}

  // `count`: at most 64.
  uint64_t Bits(size_t count) {
    if (count > bytes_.size() * 8 - at_) {
      Fail();
      return 0;
    }
    uint64_t value = 0;
    for (; count > 0; --count, ++at_) {
      const auto byte = static_cast<uint8_t>(bytes_[at_ / 8]);
      value = value << 1 | (byte >> (7 - at_ % 8) & 1);
    }
    return value;
  }
  bool Bit() { return Bits(1) != 0; }

  // Passes over `count` bits.
  void Skip(size_t count) {
    if (count > bytes_.size() * 8 - at_) return Fail();
    at_ += count;
  }

  // To the next byte.
  void Align() { at_ = std::min((at_ + 7) / 8 * 8, bytes_.size() * 8); }

  // The next `size` bytes, from the next byte on; empty, and latched, if there
  // are fewer.
  std::string_view Octets(size_t size) {
    Align();
    if (size > bytes_.size() - at_ / 8) {
      Fail();
      return {};
    }
    const std::string_view taken = bytes_.substr(at_ / 8, size);
    at_ += size * 8;
    return taken;
  }

  // All that is left.
  std::string_view Rest() {
    Align();
    return Octets(bytes_.size() - at_ / 8);
  }

  bool ok() const { return ok_; }

  // From the next byte on, what was not read; once !ok(), from where that
  // began.
  std::string_view Unread() const {
    const size_t from = ok_ ? at_ : failed_at_;
    return bytes_.substr((from + 7) / 8);
  }

 private:
  void Fail() {
    if (ok_) failed_at_ = at_;
    ok_ = false;
    at_ = bytes_.size() * 8;
  }

  std::string_view bytes_;
  size_t at_ = 0;
  size_t failed_at_ = 0;
  bool ok_ = true;
};

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_H323_BIT_READER_H_
