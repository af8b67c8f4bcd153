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
// Orders that one round carries out. One that is ended begins anew.
constexpr size_t kMaxDue = 500;
constexpr int64_t kDayNs = 86'400'000'000'000;
constexpr uint64_t kTableBytes = 64 << 20;

// No key is.
std::string BehindAll() { return std::string(128, '\xff'); }

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
                                         const std::vector<Due>& due,
                                         const std::function<void()>& between) {
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
    between();
  }
  return absl::OkStatus();
}

absl::Status RocksDbPurge::RewriteIds(Family family,
                                      const std::set<std::string>& ids,
                                      const std::function<void()>& between) {
  // Ids are hashes: each is likely in a table of its own.
  ASSIGN_OR_RETURN(const uint64_t bytes,
                   engine_.ApproximateBytes(family, "", BehindAll()));
  if (ids.size() > bytes / kTableBytes) {
    return engine_.Rewrite(family, "", BehindAll());
  }
  for (const std::string& id : ids) {
    RETURN_IF_ERROR(engine_.Rewrite(family, id, id));
    between();
  }
  return absl::OkStatus();
}

absl::Status RocksDbPurge::RewriteCalls(const std::vector<Due>& due,
                                        const std::function<void()>& between) {
  std::set<std::string> ids;
  std::set<int64_t> days;
  for (const Due& entry : due) {
    // A call that others became part of was stored by its ids, too, which were
    // those of its observations, and by other start times.
    ids.insert(entry.purge.observations().begin(),
               entry.purge.observations().end());
    ids.insert(entry.purge.call_id());
    for (int64_t around = -1; around <= 1; ++around) {
      days.insert(entry.purge.start_ns() / kDayNs + around);
    }
  }
  ids.erase("");
  // Numbers of where the call went, when it was not deleted yet.
  RETURN_IF_ERROR(log_.HidePartiesOf(ids));
  RETURN_IF_ERROR(engine_.Flush());
  for (const Family family :
       // In reports: keys.
       {Family::kObservations, Family::kReports, Family::kCalls}) {
    RETURN_IF_ERROR(RewriteIds(family, ids, between));
    between();
  }
  for (const int64_t day : days) {
    // The newest is first.
    RETURN_IF_ERROR(engine_.Rewrite(
        Family::kCallsByTime,
        EncodeCallTimeKey({(day + 1) * kDayNs, ObservationId()}),
        EncodeCallTimeKey({day * kDayNs, ObservationId()})));
    RETURN_IF_ERROR(engine_.Rewrite(Family::kCallCounts,
                                    CallCountSeekKey(day * kDayNs),
                                    CallCountSeekKey((day + 1) * kDayNs)));
    between();
  }
  // All of it: what is to be done must not name the numbers.
  RETURN_IF_ERROR(engine_.Rewrite(Family::kCallsByNumber, "", BehindAll()));
  // Notes, holds, the log of events.
  return engine_.Rewrite(Family::kDefault, "", BehindAll());
}

absl::Status RocksDbPurge::Run(const std::function<void()>& between) {
  ASSIGN_OR_RETURN(const std::vector<Due> due, List());
  if (!due.empty()) {
    RETURN_IF_ERROR(RewriteCalls(due, between));
    RETURN_IF_ERROR(RewriteFrames(Family::kFrames, due, between));
    RETURN_IF_ERROR(RewriteFrames(Family::kSignalling, due, between));
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
