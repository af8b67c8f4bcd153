#include "collector/query/completeness_service.h"

#include "collector/completeness/cdr_report.h"
#include "collector/completeness/day_counts.h"
#include "collector/query/run_on.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {

grpc::ServerUnaryReactor* CompletenessService::GetCompleteness(
    grpc::CallbackServerContext* context,
    const v1::GetCompletenessRequest* request,
    v1::GetCompletenessResponse* response) {
  return RunOn(
      workers_, access_, context, request,
      [=, this](const Caller& caller) -> absl::Status {
        CallReader calls(store_.facts(), caller.scope, clock_,
                         [context] { return !context->IsCancelled(); });
        ASSIGN_OR_RETURN(*response, CountDays(*request, CountLimits(), calls));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CompletenessService::ReconcileCalls(
    grpc::CallbackServerContext* context,
    const v1::ReconcileCallsRequest* request,
    v1::ReconcileCallsResponse* response) {
  return RunOn(
      workers_, access_, context, request,
      [=, this](const Caller& caller) -> absl::Status {
        CallReader calls(store_.facts(), caller.scope, clock_,
                         [context] { return !context->IsCancelled(); });
        ASSIGN_OR_RETURN(*response, ReconcileCdr(*request, CdrLimits(), calls));
        return absl::OkStatus();
      });
}

}  // namespace callbraid::collector
