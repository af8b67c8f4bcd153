#include "collector/store/rocksdb_holds.h"

#include <memory>
#include <string>
#include <utility>

#include "common/base/status_macros.h"

namespace callbraid::collector {

absl::StatusOr<std::optional<v1::CallHold>> RocksDbHolds::Get(
    const ObservationId& call) const {
  ASSIGN_OR_RETURN(const std::optional<std::string> value,
                   engine_.Get(Family::kDefault, EncodeHoldKey(call)));
  if (!value) return std::optional<v1::CallHold>();
  std::optional<v1::CallHold> hold(std::in_place);
  if (!hold->ParseFromString(*value)) {
    engine_.Damaged(Family::kDefault).IgnoreError();
  }
  return hold;
}

absl::Status RocksDbHolds::AddTo(const ObservationId& id,
                                 v1::Call& call) const {
  ASSIGN_OR_RETURN(std::optional<v1::CallHold> hold, Get(id));
  if (hold) *call.mutable_hold() = *std::move(hold);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ObservationId>> RocksDbHolds::List() const {
  std::vector<ObservationId> held;
  const auto iterator = engine_.NewIterator(Family::kDefault);
  for (iterator->Seek(ToSlice(kHoldPrefix)); iterator->Valid();
       iterator->Next()) {
    const auto call = DecodeHoldKey(ToView(iterator->key()));
    if (!call) break;
    held.push_back(*call);
  }
  RETURN_IF_ERROR(engine_.ToStatus(iterator->status()));
  return held;
}

void RocksDbHolds::Set(const ObservationId& call,
                       const std::optional<v1::CallHold>& hold,
                       RocksDbBatch& batch) {
  ++changes_;
  const std::string key = EncodeHoldKey(call);
  if (hold) {
    batch.Put(Family::kDefault, key, hold->SerializeAsString());
  } else {
    batch.Delete(Family::kDefault, key);
  }
}

absl::Status RocksDbHolds::Spread(const ObservationId& old,
                                  const std::vector<ObservationId>& now,
                                  RocksDbBatch& batch) {
  ASSIGN_OR_RETURN(const std::optional<v1::CallHold> hold, Get(old));
  bool stays = now.empty();
  for (const ObservationId& call : now) {
    if (call == old) {
      stays = true;
      continue;
    }
    ASSIGN_OR_RETURN(const std::optional<v1::CallHold> own, Get(call));
    // One that is held took something in.
    if (own) ++changes_;
    if (hold && !own) Set(call, hold, batch);
  }
  // Its id finds one of them.
  if (hold && !stays) Set(old, std::nullopt, batch);
  return absl::OkStatus();
}

}  // namespace callbraid::collector
