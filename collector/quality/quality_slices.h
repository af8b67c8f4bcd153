#ifndef CALLBRAID_COLLECTOR_QUALITY_QUALITY_SLICES_H_
#define CALLBRAID_COLLECTOR_QUALITY_QUALITY_SLICES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "collector/quality/burst_gap.h"

namespace callbraid::collector {

// What became of packets. Can be added: of two stretches of a stream that
// follow each other.
struct QualityCounts {
  uint64_t expected = 0;
  uint64_t lost = 0;
  uint64_t discarded = 0;
  uint64_t reordered = 0;
  uint64_t duplicates = 0;
  // Of the jitter after each packet that was measured.
  uint64_t measured = 0;
  double jitter_sum_ns = 0;
  double max_jitter_ns = 0;
  // Of two stretches the higher.
  int64_t delay_variation_p95_ns = 0;
  BurstGapCounts burst_gap;

  QualityCounts& operator+=(const QualityCounts& other);
};

struct QualitySlice {
  // From the origin, in slices.
  int64_t index = 0;
  // As in StreamQuality: its codec.
  size_t codec = 0;
  QualityCounts counts;
};

// The slices of a stream, by time; only those that something falls into. When
// there would be more than `max_slices`, all become twice as long.
class QualitySlices {
 public:
  static constexpr int64_t kShortestNs = 5'000'000'000;

  QualitySlices(int64_t origin_ns, size_t max_slices)
      : origin_ns_(origin_ns), max_slices_(max_slices) {}

  // The slice that `time_ns` is in; before the origin is the first. Until the
  // next call.
  QualitySlice& At(int64_t time_ns);

  int64_t BeginOf(const QualitySlice& slice) const {
    return origin_ns_ + slice.index * length_ns_;
  }
  int64_t IndexOf(int64_t time_ns) const;
  int64_t length_ns() const { return length_ns_; }
  const std::vector<QualitySlice>& slices() const { return slices_; }

 private:
  void Coarsen();

  const int64_t origin_ns_;
  const size_t max_slices_;
  int64_t length_ns_ = kShortestNs;
  std::vector<QualitySlice> slices_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUALITY_QUALITY_SLICES_H_
