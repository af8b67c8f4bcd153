#include "collector/store/rocksdb_event_log.h"

#include <memory>
#include <utility>

#include "collector/store/call_events.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Entries that one call removes: some milliseconds.
constexpr size_t kMaxCut = 10'000;

}  // namespace

absl::Status RocksDbEventLog::StartLog(const Clock& clock) {
  const auto iterator = engine_.NewIterator(Family::kDefault);
  iterator->SeekForPrev(ToSlice(EncodeEventKey(~uint64_t{0})));
  if (iterator->Valid()) {
    // Else it is an entry of something else.
    last_ = DecodeEventKey(ToView(iterator->key())).value_or(0);
  }
  RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  clock_ = &clock;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<LoggedEvent>> RocksDbEventLog::ReadEvents(
    uint64_t after, size_t limit) {
  std::vector<LoggedEvent> events;
  const uint64_t last = last_;
  const auto iterator = engine_.NewIterator(Family::kDefault);
  for (iterator->Seek(EncodeEventKey(after + 1));
       iterator->Valid() && events.size() < limit; iterator->Next()) {
    const auto sequence = DecodeEventKey(ToView(iterator->key()));
    if (!sequence || *sequence > last) break;
    LoggedEvent& logged = events.emplace_back();
    logged.sequence = *sequence;
    const rocksdb::Slice value = iterator->value();
    if (!logged.event.ParseFromArray(value.data(),
                                     static_cast<int>(value.size()))) {
      // Reported; readers pass over it.
      engine_.Damaged(Family::kDefault).IgnoreError();
      logged.event.Clear();
    }
  }
  RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  return events;
}

absl::Status RocksDbEventLog::AppendEvents(
    const std::vector<store::v1::CallEvent>& events, const std::string& reader,
    const store::v1::EventCursor& cursor) {
  if (clock_ == nullptr) {
    return absl::FailedPreconditionError("the log of events is not started");
  }
  // While there is this one, no other change takes a sequence.
  RocksDbBatch batch(engine_);
  RETURN_IF_ERROR(batch.status());
  Put(events, batch);
  batch.Put(Family::kDefault, EncodeEventCursorKey(reader),
            cursor.SerializeAsString());
  RETURN_IF_ERROR(batch.Write(/*sync=*/true));
  Written(events.size());
  return absl::OkStatus();
}

absl::StatusOr<bool> RocksDbEventLog::CutEvents(int64_t before_ns,
                                                uint64_t keep) {
  const uint64_t last = last_;
  std::vector<std::string> keys;
  store::v1::CallEvent event;
  const auto iterator = engine_.NewIterator(Family::kDefault);
  uint64_t cut = cut_;
  for (iterator->Seek(EncodeEventKey(cut + 1));
       iterator->Valid() && keys.size() < kMaxCut; iterator->Next()) {
    const auto sequence = DecodeEventKey(ToView(iterator->key()));
    if (!sequence || *sequence >= last) break;
    const rocksdb::Slice value = iterator->value();
    const bool readable =
        event.ParseFromArray(value.data(), static_cast<int>(value.size()));
    if (readable && event.time_ns() >= before_ns && last - *sequence < keep) {
      break;
    }
    keys.push_back(iterator->key().ToString());
    cut = *sequence;
  }
  RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  if (keys.empty()) return false;
  RocksDbBatch batch(engine_);
  RETURN_IF_ERROR(batch.status());
  for (const std::string& key : keys) batch.Delete(Family::kDefault, key);
  RETURN_IF_ERROR(batch.Write(/*sync=*/false));
  cut_ = cut;
  return keys.size() == kMaxCut;
}

absl::Status RocksDbEventLog::HidePartiesOf(
    const std::set<std::string>& calls) {
  std::vector<std::string> keys;
  store::v1::CallEvent event;
  {
    const auto iterator = engine_.NewIterator(Family::kDefault);
    for (iterator->Seek(EncodeEventKey(cut_ + 1));
         iterator->Valid() && DecodeEventKey(ToView(iterator->key()));
         iterator->Next()) {
      const rocksdb::Slice value = iterator->value();
      if (event.ParseFromArray(value.data(), static_cast<int>(value.size())) &&
          event.has_before() && !event.parties_hidden() &&
          calls.count(event.call_id()) > 0) {
        keys.push_back(iterator->key().ToString());
      }
    }
    RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  }
  if (keys.empty()) return absl::OkStatus();
  RocksDbBatch batch(engine_);
  RETURN_IF_ERROR(batch.status());
  for (const std::string& key : keys) {
    // It may have been cut meanwhile.
    ASSIGN_OR_RETURN(const std::optional<std::string> value,
                     engine_.Get(Family::kDefault, key));
    if (!value || !event.ParseFromString(*value)) continue;
    HideParties(event);
    batch.Put(Family::kDefault, key, event.SerializeAsString());
  }
  return batch.Write(/*sync=*/false);
}

absl::StatusOr<std::optional<store::v1::EventCursor>>
RocksDbEventLog::GetCursor(const std::string& reader) {
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   engine_.Get(Family::kDefault, EncodeEventCursorKey(reader)));
  if (!value) return std::optional<store::v1::EventCursor>();
  std::optional<store::v1::EventCursor> cursor(std::in_place);
  if (!cursor->ParseFromString(*value)) {
    return engine_.Damaged(Family::kDefault);
  }
  return cursor;
}

absl::Status RocksDbEventLog::SetCursor(const std::string& reader,
                                        const store::v1::EventCursor& cursor,
                                        bool sync) {
  RocksDbBatch batch(engine_);
  RETURN_IF_ERROR(batch.status());
  batch.Put(Family::kDefault, EncodeEventCursorKey(reader),
            cursor.SerializeAsString());
  return batch.Write(sync);
}

void RocksDbEventLog::Put(const std::vector<store::v1::CallEvent>& events,
                          RocksDbBatch& batch) const {
  uint64_t sequence = last_;
  for (const store::v1::CallEvent& event : events) {
    batch.Put(Family::kDefault, EncodeEventKey(++sequence),
              event.SerializeAsString());
  }
}

}  // namespace callbraid::collector
