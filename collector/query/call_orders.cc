#include "collector/query/call_orders.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/access/audited_act.h"
#include "collector/store/proto_time.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMaxReasonBytes = 500;

absl::Status CheckReason(const std::string& reason) {
  const bool control = std::any_of(reason.begin(), reason.end(), [](char c) {
    return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
  });
  if (!control && reason.size() <= kMaxReasonBytes &&
      reason.find_first_not_of(' ') != std::string::npos) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "reason: say why, in 1 to ", kMaxReasonBytes, " bytes and one line"));
}

// Runs `order` with the record of the call, as an act that is noted before.
template <typename Request, typename Order>
absl::Status Noted(CallOrders& orders, const Request& request,
                   const Caller& caller, v1::AuditAct kind, Order order) {
  RETURN_IF_ERROR(CheckReason(request.reason()));
  AuditedAct act(orders.access, caller, kind, request.id());
  act.SetDetail(request.reason());
  const auto run = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const store::v1::CallRecord record,
                     orders.store.facts().GetCall(request.id(), caller.scope));
    act.SetTarget(record.call().id());
    return order(record, act);
  };
  return act.End(run());
}

}  // namespace

absl::Status CallOrders::Hold(const v1::HoldCallRequest& request,
                              const Caller& caller,
                              v1::HoldCallResponse& response) {
  return Noted(*this, request, caller, v1::AUDIT_ACT_HOLD_CALL,
               [&](const store::v1::CallRecord& record,
                   AuditedAct& act) -> absl::Status {
                 RETURN_IF_ERROR(act.Begin());
                 v1::CallHold hold;
                 hold.set_user(caller.name);
                 *hold.mutable_time() = ToTimestamp(clock.WallNs());
                 hold.set_reason(request.reason());
                 const CallTurn turn(hub);
                 ASSIGN_OR_RETURN(store::v1::CallRecord held,
                                  store.facts().SetHold(record.call().id(),
                                                        caller.scope, hold));
                 hub.OnCallUpdated(held.call());
                 *response.mutable_call() = std::move(*held.mutable_call());
                 return absl::OkStatus();
               });
}

absl::Status CallOrders::Release(const v1::ReleaseCallRequest& request,
                                 const Caller& caller,
                                 v1::ReleaseCallResponse& response) {
  return Noted(
      *this, request, caller, v1::AUDIT_ACT_RELEASE_CALL,
      [&](const store::v1::CallRecord& record,
          AuditedAct& act) -> absl::Status {
        if (!record.call().has_hold()) {
          return absl::FailedPreconditionError("the call is not on hold");
        }
        RETURN_IF_ERROR(act.Begin());
        const CallTurn turn(hub);
        ASSIGN_OR_RETURN(store::v1::CallRecord released,
                         store.facts().SetHold(record.call().id(), caller.scope,
                                               std::nullopt));
        hub.OnCallUpdated(released.call());
        *response.mutable_call() = std::move(*released.mutable_call());
        return absl::OkStatus();
      });
}

absl::Status CallOrders::Delete(const v1::DeleteCallRequest& request,
                                const Caller& caller,
                                v1::DeleteCallResponse& response) {
  return Noted(*this, request, caller, v1::AUDIT_ACT_DELETE_CALL,
               [&](const store::v1::CallRecord& record,
                   AuditedAct& act) -> absl::Status {
                 if (record.call().has_hold()) {
                   return absl::FailedPreconditionError(
                       "the call cannot be deleted: it is on hold");
                 }
                 RETURN_IF_ERROR(act.Begin());
                 // Reads all there is of the call: nobody waits for that.
                 ASSIGN_OR_RETURN(
                     const std::unique_ptr<CallDeletion> deletion,
                     store.PrepareDeletion(record.call().id(), caller.scope,
                                           clock.WallNs()));
                 // Watchers hear of it from the log.
                 const CallTurn turn(hub);
                 RETURN_IF_ERROR(deletion->Write());
                 response.set_observations(deletion->what().observations);
                 response.set_frames(deletion->what().frames);
                 response.set_call_id(deletion->what().id);
                 return absl::OkStatus();
               });
}

}  // namespace callbraid::collector
