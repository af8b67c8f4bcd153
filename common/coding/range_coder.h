#ifndef CALLBRAID_COMMON_CODING_RANGE_CODER_H_
#define CALLBRAID_COMMON_CODING_RANGE_CODER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace callbraid {

// How likely a bit is 0, of 65536, as learnt from those before: the mean of one
// estimate that learns fast and one that learns slowly.
class BitModel {
 public:
  constexpr BitModel() = default;
  constexpr explicit BitModel(uint16_t zero) : fast_(zero), slow_(zero) {}

  // Neither bit is ever thought impossible.
  uint32_t zero() const {
    const uint32_t mean = (uint32_t{fast_} + slow_) / 2;
    return mean < kLeast ? kLeast : mean > kMost ? kMost : mean;
  }
  void Learn(bool bit) {
    const uint32_t target = bit ? 0 : 65535;
    fast_ = Towards(fast_, target, kFast);
    slow_ = Towards(slow_, target, kSlow);
  }

 private:
  static constexpr uint32_t kLeast = 64;
  static constexpr uint32_t kMost = 65400;
  static constexpr int kFast = 5;
  static constexpr int kSlow = 7;

  static uint16_t Towards(uint32_t from, uint32_t to, int shift) {
    return static_cast<uint16_t>(to > from ? from + ((to - from) >> shift)
                                           : from - ((from - to) >> shift));
  }

  uint16_t fast_ = 32768;
  uint16_t slow_ = 32768;
};

// Binary range coder (G. N. N. Martin, 1979), with carries as in LZMA: a bit
// costs as much as it was unlikely. Both ends learn from each bit.
class RangeEncoder {
 public:
  // Appends to `out`.
  explicit RangeEncoder(std::string& out) : out_(out), begin_(out.size()) {}

  // Returns `bit`.
  bool Code(bool bit, BitModel& model) {
    const uint32_t zero = (range_ >> 16) * model.zero();
    model.Learn(bit);
    if (bit) {
      low_ += zero;
      range_ -= zero;
    } else {
      range_ = zero;
    }
    while (range_ < kNarrow) {
      range_ <<= 8;
      ShiftOut();
    }
    return bit;
  }
  // Call once, at the end.
  void Finish();

 private:
  friend class RangeDecoder;
  static constexpr uint32_t kNarrow = 1u << 24;

  void ShiftOut();

  std::string& out_;
  const size_t begin_;
  uint64_t low_ = 0;
  uint32_t range_ = 0xffffffff;
  // A byte that a carry may yet change, and those of 0xff behind it: so many in
  // all. The first is the 0 in front of the point, which none changes.
  uint8_t held_ = 0;
  uint64_t held_count_ = 1;
  bool is_first_ = true;
};

// Any bytes decode to something; behind their end there are zeros.
class RangeDecoder {
 public:
  explicit RangeDecoder(std::span<const uint8_t> bytes);

  // The next bit; the argument is for symmetry.
  bool Code(bool, BitModel& model) {
    const uint32_t zero = (range_ >> 16) * model.zero();
    const bool bit = code_ >= zero;
    model.Learn(bit);
    if (bit) {
      code_ -= zero;
      range_ -= zero;
    } else {
      range_ = zero;
    }
    while (range_ < RangeEncoder::kNarrow) {
      range_ <<= 8;
      code_ = code_ << 8 | NextByte();
    }
    return bit;
  }

 private:
  uint8_t NextByte() { return at_ < bytes_.size() ? bytes_[at_++] : 0; }

  std::span<const uint8_t> bytes_;
  size_t at_ = 0;
  uint32_t range_ = 0xffffffff;
  uint32_t code_ = 0;
};

}  // namespace callbraid

#endif  // CALLBRAID_COMMON_CODING_RANGE_CODER_H_
