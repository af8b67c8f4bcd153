#include "collector/correlate/call_ledger.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace callbraid::collector {

size_t ContentOf(const store::v1::CallRecord& record) {
  store::v1::CallRecord content = record;
  content.clear_settled();
  // What the store adds to a call is not part of it.
  v1::Call& call = *content.mutable_call();
  call.clear_revision();
  call.clear_hold();
  call.clear_annotation();
  const auto flags =
      std::remove(call.mutable_flags()->begin(), call.mutable_flags()->end(),
                  v1::CALL_FLAG_MEDIA_DELETED);
  call.mutable_flags()->erase(flags, call.mutable_flags()->end());
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    content.SerializeToCodedStream(&coded);
  }
  return absl::HashOf(absl::string_view(bytes));
}

const KnownCall* CallLedger::Held(const ObservationId& observation) const {
  const auto found = call_of_.find(observation);
  if (found == call_of_.end()) return nullptr;
  const auto call = calls_.find(found->second);
  return call == calls_.end() ? nullptr : &call->second;
}

absl::StatusOr<const KnownCall*> CallLedger::CallOf(
    const ObservationId& observation) {
  if (const KnownCall* held = Held(observation)) return held;
  const auto record = facts_.GetCall(observation.ToHex(), Scope::All());
  if (absl::IsNotFound(record.status())) return nullptr;
  if (!record.ok()) return record.status();
  const auto id = ObservationId::FromHex(record->call().id());
  if (!id) return nullptr;
  KnownCall call;
  call.id = *id;
  call.revision = record->call().revision();
  call.content = ContentOf(*record);
  call.settled = record->settled();
  bool member = false;
  for (const std::string& bytes : record->members()) {
    if (const auto member_id = ObservationId::FromBytes(bytes)) {
      call.members.push_back(*member_id);
      member = member || *member_id == observation;
    }
  }
  // An id that the call once had, and no member of it any more.
  if (!member) return nullptr;
  for (const ObservationId& member_id : call.members) {
    call_of_[member_id] = call.id;
  }
  return &(calls_[call.id] = std::move(call));
}

void CallLedger::Replace(KnownCall call) {
  Forget(call.id);
  if (call.settled) return;
  for (const ObservationId& member : call.members) call_of_[member] = call.id;
  calls_[call.id] = std::move(call);
}

void CallLedger::Forget(const ObservationId& call) {
  const auto found = calls_.find(call);
  if (found == calls_.end()) return;
  for (const ObservationId& member : found->second.members) {
    const auto at = call_of_.find(member);
    if (at != call_of_.end() && at->second == call) call_of_.erase(at);
  }
  calls_.erase(found);
}

void CallLedger::ForgetDeleted(
    const std::optional<RecentDeletions::Ids>& deleted) {
  if (!deleted) {
    calls_.clear();
    call_of_.clear();
    return;
  }
  for (const ObservationId& id : *deleted) {
    const auto call = call_of_.find(id);
    if (call != call_of_.end()) Forget(ObservationId(call->second));
  }
}

}  // namespace callbraid::collector
