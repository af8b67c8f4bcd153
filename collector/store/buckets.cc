#include "collector/store/buckets.h"

namespace callbraid::collector {

void AddBucket(uint32_t bucket,
               google::protobuf::RepeatedField<uint32_t>& ranges) {
  // The first pair that ends at or behind the bucket; nearly always the newest.
  int next = ranges.size();
  while (next >= 2 && ranges[next - 1] >= bucket) next -= 2;
  const bool has_next = next < ranges.size();
  if (has_next && ranges[next] <= bucket) return;

  const bool full = ranges.size() >= 2 * kMaxBucketPairs;
  const bool joins_next =
      has_next && (ranges[next] == bucket + 1 || (full && next == 0));
  const bool joins_previous =
      next > 0 && (ranges[next - 1] + 1 == bucket || full);
  if (joins_next && joins_previous) {
    ranges[next - 1] = ranges[next + 1];
    ranges.erase(ranges.begin() + next, ranges.begin() + next + 2);
  } else if (joins_next) {
    ranges[next] = bucket;
  } else if (joins_previous) {
    ranges[next - 1] = bucket;
  } else {
    ranges.Add(bucket);
    ranges.Add(bucket);
    for (int i = ranges.size() - 2; i > next; i -= 2) {
      ranges.SwapElements(i, i - 2);
      ranges.SwapElements(i + 1, i - 1);
    }
  }
}

}  // namespace callbraid::collector
