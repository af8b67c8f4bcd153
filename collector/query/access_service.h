#ifndef CALLBRAID_COLLECTOR_QUERY_ACCESS_SERVICE_H_
#define CALLBRAID_COLLECTOR_QUERY_ACCESS_SERVICE_H_

#include "callbraid/v1/access.grpc.pb.h"
#include "collector/access/access_control.h"
#include "collector/query/worker_pool.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// callbraid.v1.AccessService. All arguments must outlive the server that this
// is registered with.
class AccessService final : public v1::AccessService::CallbackService {
 public:
  AccessService(FactStore& facts, AccessControl& access, WorkerPool& workers)
      : facts_(facts), access_(access), workers_(workers) {}

  grpc::ServerUnaryReactor* WhoAmI(grpc::CallbackServerContext* context,
                                   const v1::WhoAmIRequest* request,
                                   v1::WhoAmIResponse* response) override;
  grpc::ServerUnaryReactor* CreateToken(
      grpc::CallbackServerContext* context,
      const v1::CreateTokenRequest* request,
      v1::CreateTokenResponse* response) override;
  grpc::ServerUnaryReactor* ShareCall(grpc::CallbackServerContext* context,
                                      const v1::ShareCallRequest* request,
                                      v1::ShareCallResponse* response) override;
  grpc::ServerUnaryReactor* ListTokens(
      grpc::CallbackServerContext* context,
      const v1::ListTokensRequest* request,
      v1::ListTokensResponse* response) override;
  grpc::ServerUnaryReactor* RevokeToken(
      grpc::CallbackServerContext* context,
      const v1::RevokeTokenRequest* request,
      v1::RevokeTokenResponse* response) override;
  grpc::ServerUnaryReactor* ListAudit(grpc::CallbackServerContext* context,
                                      const v1::ListAuditRequest* request,
                                      v1::ListAuditResponse* response) override;

 private:
  FactStore& facts_;
  AccessControl& access_;
  WorkerPool& workers_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_ACCESS_SERVICE_H_
