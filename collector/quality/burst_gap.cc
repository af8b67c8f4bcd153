#include "collector/quality/burst_gap.h"

#include <utility>

namespace callbraid::collector {

BurstGapCounts& BurstGapCounts::operator+=(const BurstGapCounts& other) {
  bursts += other.bursts;
  burst_packets += other.burst_packets;
  burst_missing += other.burst_missing;
  gaps += other.gaps;
  gap_packets += other.gap_packets;
  gap_missing += other.gap_missing;
  runs += other.runs;
  return *this;
}

void BurstGap::Add(bool missing) {
  if (!missing) {
    last_missing_ = false;
    if (cluster_ == 0) {
      ++gap_;
    } else if (++good_ == kGmin) {
      CloseCluster();
    }
    return;
  }
  counts_.runs += last_missing_ ? 0 : 1;
  last_missing_ = true;
  cluster_ += good_ + 1;
  ++cluster_missing_;
  good_ = 0;
}

// The good packets behind it begin a gap, or go on with it.
void BurstGap::CloseCluster() {
  if (cluster_missing_ > 1) {
    EndGap();
    ++counts_.bursts;
    counts_.burst_packets += cluster_;
    counts_.burst_missing += cluster_missing_;
  } else {
    gap_ += cluster_;
    counts_.gap_missing += cluster_missing_;
  }
  gap_ += good_;
  cluster_ = cluster_missing_ = good_ = 0;
}

void BurstGap::EndGap() {
  if (gap_ == 0) return;
  ++counts_.gaps;
  counts_.gap_packets += std::exchange(gap_, 0);
}

BurstGapCounts BurstGap::Take() {
  CloseCluster();
  EndGap();
  const BurstGapCounts counts = counts_;
  *this = BurstGap();
  return counts;
}

}  // namespace callbraid::collector
