#include "common/coding/range_coder.h"

namespace callbraid {

// The top byte of `low_`, of 33 bits, leaves; it and those before wait while a
// carry may come.
void RangeEncoder::ShiftOut() {
  constexpr uint64_t kCarry = uint64_t{1} << 32;
  if (low_ < 0xff000000 || low_ >= kCarry) {
    const auto carry = static_cast<uint8_t>(low_ >> 32);
    for (; held_count_ > 0; --held_count_) {
      if (!is_first_) out_.push_back(static_cast<char>(held_ + carry));
      is_first_ = false;
      held_ = 0xff;
    }
    held_ = static_cast<uint8_t>(low_ >> 24);
  }
  ++held_count_;
  low_ = low_ << 8 & 0xffffffff;
}

void RangeEncoder::Finish() {
  for (int i = 0; i < 5; ++i) ShiftOut();
  while (out_.size() > begin_ && out_.back() == '\0') out_.pop_back();
}

RangeDecoder::RangeDecoder(std::span<const uint8_t> bytes) : bytes_(bytes) {
  for (int i = 0; i < 4; ++i) code_ = code_ << 8 | NextByte();
}

}  // namespace callbraid
