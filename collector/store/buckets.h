#ifndef CALLBRAID_COLLECTOR_STORE_BUCKETS_H_
#define CALLBRAID_COLLECTOR_STORE_BUCKETS_H_

#include <cstddef>
#include <cstdint>

#include "google/protobuf/repeated_field.h"

namespace callbraid::collector {

// Frames lie in buckets of 10 s of capture time, so that what is old lies
// together and goes together.
inline constexpr int64_t kBucketNs = 10'000'000'000;

inline constexpr int kMaxBucketPairs = 256;

// Times before 1970 share bucket 0; the last int64_t is in bucket 922,337,203.
constexpr uint32_t BucketOf(int64_t time_ns) {
  return time_ns < 0 ? 0 : static_cast<uint32_t>(time_ns / kBucketNs);
}

// Adds a bucket to ranges as in store::v1::Observation.bucket_ranges. Beyond
// kMaxBucketPairs the range below the bucket is stretched to it.
void AddBucket(uint32_t bucket,
               google::protobuf::RepeatedField<uint32_t>& ranges);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_BUCKETS_H_
