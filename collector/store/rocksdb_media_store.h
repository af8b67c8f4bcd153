#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_MEDIA_STORE_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_MEDIA_STORE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "collector/store/rocksdb_batch.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// Frames in RocksDB: messages apart from media, which go earlier.
class RocksDbMediaStore final : public MediaStore {
 public:
  explicit RocksDbMediaStore(RocksDbEngine& engine) : engine_(engine) {}

  absl::Status ReadFrames(
      const ObservationId& observation,
      const std::vector<uint32_t>& bucket_ranges,
      const std::function<bool(const FrameRecord&)>& visit) override;
  absl::StatusOr<std::string> GetFrame(const ObservationId& observation,
                                       int64_t time_ns,
                                       uint32_t ordinal) override;

  // Finds how far media were deleted. Before anything else.
  absl::Status Load();

  // Adds `frame` to a commit.
  void Put(const FrameRecord& frame, RocksDbBatch& batch) const;

  // Calls `visit` with each bucket in which `observation` has frames.
  absl::Status ForEachBucket(Family family, const ObservationId& observation,
                             const std::vector<uint32_t>& bucket_ranges,
                             const std::function<void(uint32_t)>& visit) const;
  // Adds the deletion of all frames of `observation` in `bucket_ranges`, of one
  // family, and their buckets to `touched`.
  absl::Status Delete(Family family, const ObservationId& observation,
                      const std::vector<uint32_t>& bucket_ranges,
                      RocksDbBatch& batch, std::set<uint32_t>& touched) const;

  // In a change that deletes media of calls in buckets before `bucket`, while
  // the calls stay. Deleted() when it was written.
  void PutDeleted(uint32_t bucket, RocksDbBatch& batch) const;
  void Deleted(uint32_t bucket);

  // As Store::LeftOfMedia().
  absl::StatusOr<MediaLeft> Left(const store::v1::CallRecord& record) const;

 private:
  bool MayLack(const v1::Call& call) const;

  RocksDbEngine& engine_;
  // Buckets before this one may have lost frames.
  std::atomic<uint32_t> media_from_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_MEDIA_STORE_H_
