#include "sensor/flow/sequence_tracker.h"

#include <algorithm>

#include "common/rtp/sequence.h"

namespace callbraid::sensor {
namespace {

// RFC 3550, appendix A.1.
constexpr int64_t kMaxDropout = 3000;
constexpr int64_t kMaxMisorder = 100;

}  // namespace

void SequenceTracker::Start(uint16_t sequence) {
  *this = SequenceTracker();
  lowest_ = highest_ = sequence;
  distinct_ = 1;
  seen_[0] = 1;
}

SequenceTracker::Result SequenceTracker::Add(uint16_t sequence) {
  const int64_t extended = Unwrap(sequence, highest_);
  const int64_t ahead = extended - highest_;
  if (ahead >= kMaxDropout || ahead < -kMaxMisorder) return Result::kJump;
  if (ahead > 0) {
    Shift(static_cast<uint32_t>(ahead));
    seen_[0] |= 1;
    highest_ = extended;
    ++distinct_;
    return Result::kNext;
  }
  if (!Mark(static_cast<uint32_t>(-ahead))) {
    ++duplicates_;
    return Result::kDuplicate;
  }
  // A packet from before the first one that was seen belongs to the run too.
  lowest_ = std::min(lowest_, extended);
  ++distinct_;
  ++reordered_;
  return Result::kLate;
}

bool SequenceTracker::Mark(uint32_t age) {
  uint64_t& word = seen_[age / 64];
  const uint64_t bit = uint64_t{1} << age % 64;
  const bool is_new = (word & bit) == 0;
  word |= bit;
  return is_new;
}

void SequenceTracker::Shift(uint32_t steps) {
  if (steps >= 128) {
    seen_[0] = seen_[1] = 0;
  } else if (steps >= 64) {
    seen_[1] = seen_[0] << (steps - 64);
    seen_[0] = 0;
  } else {
    seen_[1] = seen_[1] << steps | seen_[0] >> (64 - steps);
    seen_[0] <<= steps;
  }
}

}  // namespace callbraid::sensor
