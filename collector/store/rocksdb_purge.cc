#include "collector/store/rocksdb_purge.h"

#include <algorithm>
#include <memory>
#include <set>

#include "collector/store/rocksdb_batch.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Buckets that are written anew at once: as much room as they take is needed.
constexpr uint32_t kSlice = 30;
// Orders that one round carries out.
constexpr size_t kMaxDue = 1000;

}  // namespace

absl::StatusOr<std::vector<RocksDbPurge::Due>> RocksDbPurge::List() const {
  std::vector<Due> due;
  const auto iterator = engine_.NewIterator(Family::kDefault);
  for (iterator->Seek(ToSlice(kPurgePrefix));
       iterator->Valid() &&
       iterator->key().starts_with(ToSlice(kPurgePrefix)) &&
       due.size() < kMaxDue;
       iterator->Next()) {
    Due& entry = due.emplace_back();
    entry.key = iterator->key().ToString();
    // One that is damaged tells less, and is removed.
    if (!entry.purge.ParseFromArray(
            iterator->value().data(),
            static_cast<int>(iterator->value().size()))) {
      engine_.Damaged(Family::kDefault).IgnoreError();
    }
  }
  RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  return due;
}

absl::Status RocksDbPurge::RewriteFrames(Family family,
                                         const std::vector<Due>& due) {
  std::set<uint32_t> slices;
  for (const Due& entry : due) {
    const auto& pairs = family == Family::kFrames
                            ? entry.purge.media_buckets()
                            : entry.purge.signalling_buckets();
    for (int i = 0; i + 1 < pairs.size(); i += 2) {
      for (uint32_t slice = pairs[i] / kSlice; slice <= pairs[i + 1] / kSlice;
           ++slice) {
        slices.insert(slice);
      }
    }
  }
  for (const uint32_t slice : slices) {
    RETURN_IF_ERROR(
        engine_.Rewrite(family, FramePrefix(slice * kSlice, ObservationId()),
                        FramePrefix((slice + 1) * kSlice, ObservationId())));
  }
  return absl::OkStatus();
}

absl::Status RocksDbPurge::RewriteFacts(const store::v1::Purge& purge) {
  for (const std::string& id : purge.observations()) {
    RETURN_IF_ERROR(Rewrite(Family::kObservations, id));
    // Keys.
    RETURN_IF_ERROR(Rewrite(Family::kReports, id));
  }
  const auto call = ObservationId::FromBytes(purge.call_id());
  if (!call) return absl::OkStatus();
  RETURN_IF_ERROR(Rewrite(Family::kCalls, purge.call_id()));
  RETURN_IF_ERROR(Rewrite(Family::kCallsByTime,
                          EncodeCallTimeKey({purge.start_ns(), *call})));
  // Why it was on hold, if it was.
  return Rewrite(Family::kDefault, EncodeHoldKey(*call));
}

absl::Status RocksDbPurge::Run() {
  ASSIGN_OR_RETURN(const std::vector<Due> due, List());
  if (!due.empty()) {
    RETURN_IF_ERROR(engine_.Flush());
    RETURN_IF_ERROR(RewriteFrames(Family::kFrames, due));
    RETURN_IF_ERROR(RewriteFrames(Family::kSignalling, due));
    for (const Due& entry : due) RETURN_IF_ERROR(RewriteFacts(entry.purge));
    // All of it: what is to be done must not name the numbers.
    RETURN_IF_ERROR(
        engine_.Rewrite(Family::kCallsByNumber, "", std::string(128, '\xff')));
    // A restart opens the database anyway.
    to_renew_ = true;
    RocksDbBatch batch(engine_);
    RETURN_IF_ERROR(batch.status());
    for (const Due& entry : due) batch.Delete(Family::kDefault, entry.key);
    RETURN_IF_ERROR(batch.Write(/*sync=*/true));
  }
  if (!to_renew_) return absl::OkStatus();
  RETURN_IF_ERROR(engine_.Renew());
  to_renew_ = false;
  return absl::OkStatus();
}

}  // namespace callbraid::collector
