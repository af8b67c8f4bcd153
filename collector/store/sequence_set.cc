#include "collector/store/sequence_set.h"

#include <algorithm>

namespace callbraid::collector {
namespace {

// Far above what 2,048 runs can reach.
constexpr uint64_t kMaxSequence = uint64_t{1} << 48;

}  // namespace

SequenceSet::SequenceSet(const store::v1::RtpTally& tally, int64_t shift) {
  if (tally.lowest_sequence() > kMaxSequence) return;
  int64_t at = static_cast<int64_t>(tally.lowest_sequence()) + shift;
  bool seen = true;
  for (const uint32_t length : tally.runs()) {
    if (seen && length > 0) intervals_.push_back({at, at + length});
    at += length;
    seen = !seen;
  }
  Normalize();
}

void SequenceSet::Normalize() {
  std::sort(
      intervals_.begin(), intervals_.end(),
      [](const Interval& a, const Interval& b) { return a.begin < b.begin; });
  size_t kept = 0;
  for (const Interval& interval : intervals_) {
    if (kept > 0 && interval.begin <= intervals_[kept - 1].end) {
      intervals_[kept - 1].end =
          std::max(intervals_[kept - 1].end, interval.end);
    } else {
      intervals_[kept++] = interval;
    }
  }
  intervals_.resize(kept);
}

void SequenceSet::Add(const SequenceSet& other) {
  intervals_.insert(intervals_.end(), other.intervals_.begin(),
                    other.intervals_.end());
  Normalize();
}

SequenceSet SequenceSet::Within(int64_t begin, int64_t end) const {
  SequenceSet part;
  for (const Interval& interval : intervals_) {
    const int64_t low = std::max(begin, interval.begin);
    const int64_t high = std::min(end, interval.end);
    if (low < high) part.intervals_.push_back({low, high});
  }
  return part;
}

int64_t SequenceSet::size() const {
  int64_t size = 0;
  for (const Interval& interval : intervals_) {
    size += interval.end - interval.begin;
  }
  return size;
}

int64_t SequenceSet::CommonWith(const SequenceSet& other) const {
  int64_t common = 0;
  size_t j = 0;
  for (const Interval& mine : intervals_) {
    while (j < other.intervals_.size() &&
           other.intervals_[j].end <= mine.begin) {
      ++j;
    }
    for (size_t k = j;
         k < other.intervals_.size() && other.intervals_[k].begin < mine.end;
         ++k) {
      common += std::min(mine.end, other.intervals_[k].end) -
                std::max(mine.begin, other.intervals_[k].begin);
    }
  }
  return common;
}

}  // namespace callbraid::collector
