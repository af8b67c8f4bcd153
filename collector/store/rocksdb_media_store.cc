#include "collector/store/rocksdb_media_store.h"

#include <memory>
#include <utility>

#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Visits the frames in buckets [first, last]. `more` turns false when `visit`
// has seen enough.
rocksdb::Status ReadRange(rocksdb::Iterator& iterator,
                          const ObservationId& observation, uint32_t first,
                          uint32_t last,
                          const std::function<bool(const FrameRecord&)>& visit,
                          bool& more) {
  FrameRecord record;
  record.observation = observation;
  iterator.Seek(FramePrefix(first, observation));
  while (iterator.Valid()) {
    const auto key = DecodeFrameKey(ToView(iterator.key()));
    if (!key) return rocksdb::Status::Corruption("frame key");
    if (key->bucket > last) break;
    if (key->observation != observation) {
      // Straight to where the next frame may be: a range may span a year of
      // which only some buckets have frames at all.
      const bool behind = key->observation > observation;
      if (behind && key->bucket == last) break;
      iterator.Seek(FramePrefix(key->bucket + (behind ? 1 : 0), observation));
      continue;
    }
    record.time_ns = key->time_ns;
    record.ordinal = key->ordinal;
    record.frame.assign(iterator.value().data(), iterator.value().size());
    more = visit(record);
    if (!more) break;
    iterator.Next();
  }
  return iterator.status();
}

}  // namespace

absl::Status RocksDbMediaStore::ReadFrames(
    const ObservationId& observation,
    const std::vector<uint32_t>& bucket_ranges,
    const std::function<bool(const FrameRecord&)>& visit) {
  const auto iterator = engine_.NewIterator(Family::kFrames);
  bool more = true;
  for (size_t i = 0; more && i + 1 < bucket_ranges.size(); i += 2) {
    const auto status = ReadRange(*iterator, observation, bucket_ranges[i],
                                  bucket_ranges[i + 1], visit, more);
    if (!status.ok()) return engine_.ToStatus(status);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> RocksDbMediaStore::GetFrame(
    const ObservationId& observation, int64_t time_ns, uint32_t ordinal) {
  ASSIGN_OR_RETURN(auto frame,
                   engine_.Get(Family::kFrames,
                               EncodeFrameKey(observation, time_ns, ordinal)));
  if (!frame) return absl::NotFoundError("no such frame");
  return *std::move(frame);
}

void RocksDbMediaStore::Put(const FrameRecord& frame,
                            RocksDbBatch& batch) const {
  batch.Put(Family::kFrames,
            EncodeFrameKey(frame.observation, frame.time_ns, frame.ordinal),
            frame.frame);
}

}  // namespace callbraid::collector
