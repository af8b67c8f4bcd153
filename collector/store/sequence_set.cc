#include "collector/store/sequence_set.h"

#include <algorithm>
#include <utility>

namespace callbraid::collector {
namespace {

// Far above what 2,048 runs can reach.
constexpr uint64_t kMaxSequence = uint64_t{1} << 48;
constexpr size_t kMaxRuns = 2048;

}  // namespace

SequenceSet::SequenceSet(std::vector<Interval> intervals)
    : intervals_(std::move(intervals)) {
  Normalize();
}

SequenceSet::SequenceSet(const store::v1::RtpTally& tally, int64_t shift) {
  AddRuns(tally.lowest_sequence(), tally.runs(), shift);
}

SequenceSet SequenceSet::Withheld(const store::v1::RtpTally& tally,
                                  int64_t shift) {
  SequenceSet withheld;
  withheld.AddRuns(tally.withheld_lowest(), tally.withheld_runs(), shift);
  return withheld;
}

void SequenceSet::AddRuns(uint64_t lowest,
                          const google::protobuf::RepeatedField<uint32_t>& runs,
                          int64_t shift) {
  if (lowest > kMaxSequence) return;
  int64_t at = static_cast<int64_t>(lowest) + shift;
  bool seen = true;
  for (const uint32_t length : runs) {
    if (seen && length > 0) intervals_.push_back({at, at + length});
    at += length;
    seen = !seen;
  }
  Normalize();
}

void SequenceSet::SetWithheld(store::v1::RtpTally& tally) const {
  tally.set_withheld_lowest(static_cast<uint64_t>(begin()));
  auto& runs = *tally.mutable_withheld_runs();
  runs.Clear();
  const int64_t least_gap = LeastGapKept();
  int64_t end = begin();
  for (const Interval& interval : intervals_) {
    const int64_t gap = interval.begin - end;
    if (!runs.empty() && gap < least_gap) {
      runs[runs.size() - 1] += static_cast<uint32_t>(interval.end - end);
    } else {
      if (!runs.empty()) runs.Add(static_cast<uint32_t>(gap));
      runs.Add(static_cast<uint32_t>(interval.end - interval.begin));
    }
    end = interval.end;
  }
}

// So that no more than kMaxRuns are left.
int64_t SequenceSet::LeastGapKept() const {
  constexpr size_t kMaxGaps = kMaxRuns / 2;
  if (intervals_.size() <= kMaxGaps + 1) return 0;
  std::vector<int64_t> gaps;
  for (size_t i = 1; i < intervals_.size(); ++i) {
    gaps.push_back(intervals_[i].begin - intervals_[i - 1].end);
  }
  const auto nth = gaps.end() - kMaxGaps;
  std::nth_element(gaps.begin(), nth, gaps.end());
  // Of equals none: there may be any number of them.
  return *nth + 1;
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

SequenceSet SequenceSet::Without(const SequenceSet& other) const {
  SequenceSet rest;
  size_t j = 0;
  for (const Interval& mine : intervals_) {
    int64_t at = mine.begin;
    while (j < other.intervals_.size() && other.intervals_[j].end <= at) ++j;
    for (size_t k = j;
         k < other.intervals_.size() && other.intervals_[k].begin < mine.end;
         ++k) {
      if (other.intervals_[k].begin > at) {
        rest.intervals_.push_back({at, other.intervals_[k].begin});
      }
      at = std::max(at, other.intervals_[k].end);
    }
    if (at < mine.end) rest.intervals_.push_back({at, mine.end});
  }
  return rest;
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
