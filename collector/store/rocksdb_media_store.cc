#include "collector/store/rocksdb_media_store.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "collector/store/buckets.h"
#include "collector/store/call_listing.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// By how much a sensor's clock may be behind that of a call's first one.
constexpr int64_t kClocksNs = int64_t{86'400} * 1'000'000'000;

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
  bool more = true;
  // Media first: a dialog that schema 2 has begun is in both, in this order.
  for (const Family family : {Family::kFrames, Family::kSignalling}) {
    const auto iterator = engine_.NewIterator(family);
    for (size_t i = 0; more && i + 1 < bucket_ranges.size(); i += 2) {
      const auto status = ReadRange(*iterator, observation, bucket_ranges[i],
                                    bucket_ranges[i + 1], visit, more);
      if (!status.ok()) return engine_.ToStatus(status);
    }
  }
  return absl::OkStatus();
}

absl::Status RocksDbMediaStore::Load() {
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   engine_.Get(Family::kDefault, kMediaFromKey));
  if (!value) return absl::OkStatus();
  const auto bucket = DecodeBe32(*value);
  if (!bucket) return engine_.Damaged(Family::kDefault);
  media_from_ = *bucket;
  return absl::OkStatus();
}

absl::Status RocksDbMediaStore::ForEachBucket(
    Family family, const ObservationId& observation,
    const std::vector<uint32_t>& bucket_ranges,
    const std::function<void(uint32_t)>& visit) const {
  const auto iterator = engine_.NewIterator(family);
  for (size_t i = 0; i + 1 < bucket_ranges.size(); i += 2) {
    iterator->Seek(FramePrefix(bucket_ranges[i], observation));
    while (iterator->Valid()) {
      const auto key = DecodeFrameKey(ToView(iterator->key()));
      if (!key) return engine_.Damaged(family);
      if (key->bucket > bucket_ranges[i + 1]) break;
      if (key->observation == observation) {
        visit(key->bucket);
        iterator->Seek(AfterFrames(key->bucket, observation));
      } else {
        // As in ReadRange().
        const bool behind = key->observation > observation;
        if (behind && key->bucket == bucket_ranges[i + 1]) break;
        iterator->Seek(
            FramePrefix(key->bucket + (behind ? 1 : 0), observation));
      }
    }
    RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  }
  return absl::OkStatus();
}

absl::Status RocksDbMediaStore::Delete(
    Family family, const ObservationId& observation,
    const std::vector<uint32_t>& bucket_ranges, RocksDbBatch& batch,
    std::set<uint32_t>& touched) const {
  return ForEachBucket(
      family, observation, bucket_ranges, [&](uint32_t bucket) {
        batch.DeleteRange(family, FramePrefix(bucket, observation),
                          AfterFrames(bucket, observation));
        touched.insert(bucket);
      });
}

void RocksDbMediaStore::PutDeleted(uint32_t bucket, RocksDbBatch& batch) const {
  if (bucket <= media_from_) return;
  batch.Put(Family::kDefault, kMediaFromKey, EncodeBe32(bucket));
}

void RocksDbMediaStore::Deleted(uint32_t bucket) {
  media_from_ = std::max<uint32_t>(media_from_, bucket);
}

bool RocksDbMediaStore::MayLack(const v1::Call& call) const {
  return BucketOf(std::max(StartNs(call), kClocksNs) - kClocksNs) < media_from_;
}

absl::StatusOr<MediaLeft> RocksDbMediaStore::Left(
    const store::v1::CallRecord& record) const {
  if (!MayLack(record.call())) return MediaLeft::kAll;
  bool all = true;
  bool some = false;
  for (const std::string& member : record.members()) {
    const auto id = ObservationId::FromBytes(member);
    ASSIGN_OR_RETURN(const std::optional<std::string> value,
                     engine_.GetUnlessDamaged(Family::kTallies, member));
    store::v1::RtpTally tally;
    if (!id || !value || !tally.ParseFromString(*value) ||
        tally.bucket_ranges().empty()) {
      continue;
    }
    // What is oldest goes first: if the first frames are there, all are.
    const uint32_t first = tally.bucket_ranges(0);
    bool has_first = false;
    RETURN_IF_ERROR(ForEachBucket(Family::kFrames, *id, {first, first},
                                  [&](uint32_t) { has_first = true; }));
    bool has_any = has_first;
    if (!has_first) {
      RETURN_IF_ERROR(ForEachBucket(
          Family::kFrames, *id,
          {tally.bucket_ranges().begin(), tally.bucket_ranges().end()},
          [&](uint32_t) { has_any = true; }));
    }
    all = all && has_first;
    some = some || has_any;
  }
  return all ? MediaLeft::kAll : some ? MediaLeft::kSome : MediaLeft::kNone;
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
  batch.Put(frame.is_signalling ? Family::kSignalling : Family::kFrames,
            EncodeFrameKey(frame.observation, frame.time_ns, frame.ordinal),
            frame.frame);
}

}  // namespace callbraid::collector
