#include "collector/retention/unrecorded.h"

#include <string>
#include <vector>

#include "collector/store/call_listing.h"
#include "collector/store/observation_id.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// '!' is in no name of a sink.
constexpr char kReader[] = "!unrecorded";
constexpr size_t kAtOnce = 100;
// A call may change while it is removed. Whatever changed it is logged when the
// call is settled again, or it goes by its age.
constexpr int kAttempts = 3;

// Nothing to remove, or nothing that may be.
bool IsPassedOver(const absl::Status& status) {
  return absl::IsNotFound(status) || absl::IsFailedPrecondition(status) ||
         absl::IsDataLoss(status);
}

}  // namespace

// Like a sink that is new, it begins with what happens from now on.
absl::Status Unrecorded::FindPlace() {
  if (done_) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto cursor, log_.GetCursor(kReader));
  if (cursor) {
    done_ = cursor->sequence();
    return absl::OkStatus();
  }
  const uint64_t last = log_.LastEvent();
  store::v1::EventCursor place;
  place.set_sequence(last);
  RETURN_IF_ERROR(log_.SetCursor(kReader, place, /*sync=*/true));
  done_ = last;
  return absl::OkStatus();
}

absl::Status Unrecorded::LookAt(const store::v1::CallEvent& event,
                                int64_t now_ns, uint64_t& removed) {
  // CHANGED, because what comes late is of a call that was settled before.
  if (event.kind() != v1::CALL_EVENT_KIND_SETTLED &&
      event.kind() != v1::CALL_EVENT_KIND_CHANGED) {
    return absl::OkStatus();
  }
  const auto id = ObservationId::FromBytes(event.call_id());
  if (!id) return absl::OkStatus();
  const auto record = facts_.GetCall(id->ToHex(), Scope::All());
  if (IsPassedOver(record.status())) return absl::OkStatus();
  RETURN_IF_ERROR(record.status());
  if (!record->settled()) return absl::OkStatus();
  // It may be found as another call by now.
  const auto call = ObservationId::FromHex(record->call().id());
  if (!call ||
      policy_.Of(IndexEntry(record->call())).recorded == Recorded::kAll) {
    return absl::OkStatus();
  }
  // Whose it is may still come, by a sensor that is away: it may be one that an
  // earlier rule is about.
  if (record->call().legs().empty() && policy_.knows_numbers()) {
    return absl::OkStatus();
  }
  absl::StatusOr<bool> had_media;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    had_media = store_.ExpireMedia(*call, now_ns);
    if (!absl::IsFailedPrecondition(had_media.status())) break;
  }
  if (IsPassedOver(had_media.status())) return absl::OkStatus();
  RETURN_IF_ERROR(had_media.status());
  if (*had_media) ++removed;
  return absl::OkStatus();
}

absl::StatusOr<bool> Unrecorded::Run(int64_t now_ns, uint64_t& removed) {
  RETURN_IF_ERROR(FindPlace());
  if (log_.LastEvent() <= *done_) return false;
  ASSIGN_OR_RETURN(const std::vector<LoggedEvent> logged,
                   log_.ReadEvents(*done_, kAtOnce));
  for (const LoggedEvent& entry : logged) {
    RETURN_IF_ERROR(LookAt(entry.event, now_ns, removed));
  }
  if (logged.empty()) return false;
  store::v1::EventCursor place;
  place.set_sequence(logged.back().sequence);
  RETURN_IF_ERROR(log_.SetCursor(kReader, place, /*sync=*/false));
  done_ = place.sequence();
  return logged.size() == kAtOnce;
}

}  // namespace callbraid::collector
