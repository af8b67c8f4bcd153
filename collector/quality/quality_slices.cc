#include "collector/quality/quality_slices.h"

#include <algorithm>

namespace callbraid::collector {

QualityCounts& QualityCounts::operator+=(const QualityCounts& other) {
  expected += other.expected;
  lost += other.lost;
  discarded += other.discarded;
  reordered += other.reordered;
  duplicates += other.duplicates;
  measured += other.measured;
  jitter_sum_ns += other.jitter_sum_ns;
  max_jitter_ns = std::max(max_jitter_ns, other.max_jitter_ns);
  delay_variation_p95_ns =
      std::max(delay_variation_p95_ns, other.delay_variation_p95_ns);
  burst_gap += other.burst_gap;
  return *this;
}

int64_t QualitySlices::IndexOf(int64_t time_ns) const {
  return std::max<int64_t>(0, time_ns - origin_ns_) / length_ns_;
}

QualitySlice& QualitySlices::At(int64_t time_ns) {
  while (true) {
    const int64_t index = IndexOf(time_ns);
    // Nearly always the last one.
    auto place = slices_.end();
    while (place != slices_.begin() && (place - 1)->index >= index) --place;
    if (place != slices_.end() && place->index == index) return *place;
    if (slices_.size() < max_slices_) {
      QualitySlice slice;
      slice.index = index;
      return *slices_.insert(place, slice);
    }
    Coarsen();
  }
}

void QualitySlices::Coarsen() {
  length_ns_ *= 2;
  std::vector<QualitySlice> longer;
  for (QualitySlice& slice : slices_) {
    slice.index /= 2;
    if (longer.empty() || longer.back().index != slice.index) {
      longer.push_back(slice);
    } else {
      longer.back().counts += slice.counts;
    }
  }
  slices_ = std::move(longer);
}

}  // namespace callbraid::collector
