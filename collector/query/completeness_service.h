#ifndef CALLBRAID_COLLECTOR_QUERY_COMPLETENESS_SERVICE_H_
#define CALLBRAID_COLLECTOR_QUERY_COMPLETENESS_SERVICE_H_

#include "callbraid/v1/completeness.grpc.pb.h"
#include "collector/access/access_control.h"
#include "collector/query/worker_pool.h"
#include "collector/store/store.h"
#include "common/base/clock.h"

namespace callbraid::collector {

// callbraid.v1.CompletenessService over the store: `workers` read many calls
// for each answer. All arguments must outlive the server that this is
// registered with.
class CompletenessService final
    : public v1::CompletenessService::CallbackService {
 public:
  CompletenessService(AccessControl& access, Store& store, WorkerPool& workers,
                      const Clock& clock)
      : access_(access), store_(store), workers_(workers), clock_(clock) {}

  grpc::ServerUnaryReactor* GetCompleteness(
      grpc::CallbackServerContext* context,
      const v1::GetCompletenessRequest* request,
      v1::GetCompletenessResponse* response) override;
  grpc::ServerUnaryReactor* ReconcileCalls(
      grpc::CallbackServerContext* context,
      const v1::ReconcileCallsRequest* request,
      v1::ReconcileCallsResponse* response) override;

 private:
  AccessControl& access_;
  Store& store_;
  WorkerPool& workers_;
  const Clock& clock_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_COMPLETENESS_SERVICE_H_
