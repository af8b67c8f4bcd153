#ifndef CALLBRAID_COLLECTOR_STORE_ROCKSDB_MEDIA_STORE_H_
#define CALLBRAID_COLLECTOR_STORE_ROCKSDB_MEDIA_STORE_H_

#include <functional>
#include <vector>

#include "collector/store/rocksdb_batch.h"
#include "collector/store/rocksdb_engine.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// Frames in RocksDB.
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

  // Adds `frame` to a commit.
  void Put(const FrameRecord& frame, RocksDbBatch& batch) const;

 private:
  RocksDbEngine& engine_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_STORE_ROCKSDB_MEDIA_STORE_H_
