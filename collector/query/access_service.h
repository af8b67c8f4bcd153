#ifndef CALLBRAID_COLLECTOR_QUERY_ACCESS_SERVICE_H_
#define CALLBRAID_COLLECTOR_QUERY_ACCESS_SERVICE_H_

#include "callbraid/v1/access.grpc.pb.h"
#include "collector/access/access_control.h"
#include "collector/query/worker_pool.h"
#include "collector/store/store.h"

namespace callbraid::collector {

// callbraid.v1.AccessService. All arguments must outlive the server that this
// is registered with. `passwords`: of one thread, for what works on passwords,
// which takes long and much memory.
class AccessService final : public v1::AccessService::CallbackService {
 public:
  AccessService(FactStore& facts, AccessControl& access, WorkerPool& workers,
                WorkerPool& passwords)
      : facts_(facts),
        access_(access),
        workers_(workers),
        passwords_(passwords) {}

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
  grpc::ServerUnaryReactor* SetUser(grpc::CallbackServerContext* context,
                                    const v1::SetUserRequest* request,
                                    v1::SetUserResponse* response) override;
  grpc::ServerUnaryReactor* ListUsers(grpc::CallbackServerContext* context,
                                      const v1::ListUsersRequest* request,
                                      v1::ListUsersResponse* response) override;
  grpc::ServerUnaryReactor* RemoveUser(
      grpc::CallbackServerContext* context,
      const v1::RemoveUserRequest* request,
      v1::RemoveUserResponse* response) override;
  grpc::ServerUnaryReactor* ChangePassword(
      grpc::CallbackServerContext* context,
      const v1::ChangePasswordRequest* request,
      v1::ChangePasswordResponse* response) override;
  grpc::ServerUnaryReactor* LogOut(grpc::CallbackServerContext* context,
                                   const v1::LogOutRequest* request,
                                   v1::LogOutResponse* response) override;
  grpc::ServerUnaryReactor* ListAudit(grpc::CallbackServerContext* context,
                                      const v1::ListAuditRequest* request,
                                      v1::ListAuditResponse* response) override;

 private:
  FactStore& facts_;
  AccessControl& access_;
  WorkerPool& workers_;
  WorkerPool& passwords_;
};

// callbraid.v1.LoginService: of whoever can connect. Arguments as above.
class LoginService final : public v1::LoginService::CallbackService {
 public:
  LoginService(AccessControl& access, WorkerPool& passwords)
      : access_(access), passwords_(passwords) {}

  grpc::ServerUnaryReactor* LogIn(grpc::CallbackServerContext* context,
                                  const v1::LogInRequest* request,
                                  v1::LogInResponse* response) override;

 private:
  AccessControl& access_;
  WorkerPool& passwords_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_ACCESS_SERVICE_H_
