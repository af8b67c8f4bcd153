#include "collector/query/access_service.h"

#include <cstdint>
#include <limits>
#include <utility>

#include "collector/query/run_on.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// A page of the audit log is of one set of conditions.
std::string PagesOf(v1::ListAuditRequest request) {
  request.clear_page_token();
  request.clear_page_size();
  return "audit " + request.SerializeAsString();
}

v1::WhoAmIResponse Describe(const Caller& caller) {
  v1::WhoAmIResponse who;
  who.set_name(caller.name);
  who.set_role(caller.role);
  *who.mutable_scope() = caller.scope.ToProto();
  if (caller.role == v1::ROLE_GUEST) {
    // The rest is of who shared the call.
    who.mutable_scope()->clear_sites();
    who.mutable_scope()->clear_numbers();
  }
  who.set_credential(caller.credential);
  int64_t end_s = caller.certificate_end_s;
  if (caller.grant != nullptr) end_s = caller.grant->expire_ns / 1'000'000'000;
  if (end_s != std::numeric_limits<int64_t>::max()) {
    who.mutable_expire_time()->set_seconds(end_s);
  }
  return who;
}

}  // namespace

grpc::ServerUnaryReactor* AccessService::WhoAmI(
    grpc::CallbackServerContext* context, const v1::WhoAmIRequest* request,
    v1::WhoAmIResponse* response) {
  return RunOn(workers_, access_, context, request,
               [response](const Caller& caller) {
                 *response = Describe(caller);
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* AccessService::CreateToken(
    grpc::CallbackServerContext* context, const v1::CreateTokenRequest* request,
    v1::CreateTokenResponse* response) {
  return RunOn(workers_, access_, context, request,
               [this, request, response](const Caller& caller) -> absl::Status {
                 ASSIGN_OR_RETURN(*response,
                                  access_.tokens().Create(*request, caller));
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* AccessService::ShareCall(
    grpc::CallbackServerContext* context, const v1::ShareCallRequest* request,
    v1::ShareCallResponse* response) {
  return RunOn(workers_, access_, context, request,
               [this, request, response](const Caller& caller) -> absl::Status {
                 ASSIGN_OR_RETURN(const store::v1::CallRecord record,
                                  facts_.GetCall(request->id(), caller.scope));
                 ASSIGN_OR_RETURN(*response,
                                  access_.tokens().Share(
                                      *request, record.call().id(), caller));
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* AccessService::ListTokens(
    grpc::CallbackServerContext* context, const v1::ListTokensRequest* request,
    v1::ListTokensResponse* response) {
  return RunOn(workers_, access_, context, request,
               [this, response](const Caller&) {
                 *response = access_.tokens().List();
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* AccessService::RevokeToken(
    grpc::CallbackServerContext* context, const v1::RevokeTokenRequest* request,
    v1::RevokeTokenResponse* response) {
  return RunOn(workers_, access_, context, request,
               [this, request, response](const Caller& caller) -> absl::Status {
                 ASSIGN_OR_RETURN(*response->mutable_token(),
                                  access_.Revoke(request->id(), caller));
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* AccessService::SetUser(
    grpc::CallbackServerContext* context, const v1::SetUserRequest* request,
    v1::SetUserResponse* response) {
  return RunOn(passwords_, access_, context, request,
               [this, request, response](const Caller& caller) -> absl::Status {
                 ASSIGN_OR_RETURN(*response, access_.SetUser(*request, caller));
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* AccessService::ListUsers(
    grpc::CallbackServerContext* context, const v1::ListUsersRequest* request,
    v1::ListUsersResponse* response) {
  return RunOn(workers_, access_, context, request,
               [this, response](const Caller&) {
                 *response = access_.users().List();
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* AccessService::RemoveUser(
    grpc::CallbackServerContext* context, const v1::RemoveUserRequest* request,
    v1::RemoveUserResponse*) {
  return RunOn(workers_, access_, context, request,
               [this, request](const Caller& caller) {
                 return access_.RemoveUser(request->name(), caller);
               });
}

grpc::ServerUnaryReactor* AccessService::ChangePassword(
    grpc::CallbackServerContext* context,
    const v1::ChangePasswordRequest* request, v1::ChangePasswordResponse*) {
  return RunOn(passwords_, access_, context, request,
               [this, request](const Caller& caller) {
                 return access_.ChangePassword(*request, caller);
               });
}

grpc::ServerUnaryReactor* AccessService::LogOut(
    grpc::CallbackServerContext* context, const v1::LogOutRequest* request,
    v1::LogOutResponse*) {
  return RunOn(workers_, access_, context, request,
               [this](const Caller& caller) {
                 access_.LogOut(caller);
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* LoginService::LogIn(
    grpc::CallbackServerContext* context, const v1::LogInRequest* request,
    v1::LogInResponse* response) {
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  // Who is not heard takes no place among those who are.
  absl::Status heard = access_.MayTry(PeerOf(*context).address);
  if (heard.ok()) {
    heard = passwords_.Submit([this, context, request, response, reactor] {
      auto logged_in = access_.LogIn(*request, PeerOf(*context));
      if (logged_in.ok()) *response = *std::move(logged_in);
      reactor->Finish(ToGrpc(logged_in.status()));
    });
  }
  if (!heard.ok()) {
    access_.NoteNoLogIn(*request, PeerOf(*context), heard);
    reactor->Finish(ToGrpc(heard));
  }
  return reactor;
}

grpc::ServerUnaryReactor* AccessService::ListAudit(
    grpc::CallbackServerContext* context, const v1::ListAuditRequest* request,
    v1::ListAuditResponse* response) {
  return RunOn(workers_, access_, context, request,
               [this, request, response](const Caller&) -> absl::Status {
                 const std::string pages = PagesOf(*request);
                 v1::ListAuditRequest listing = *request;
                 ASSIGN_OR_RETURN(
                     *listing.mutable_page_token(),
                     access_.pages().Open(request->page_token(), pages));
                 ASSIGN_OR_RETURN(*response, access_.audit().List(listing));
                 response->set_next_page_token(
                     access_.pages().Seal(response->next_page_token(), pages));
                 return absl::OkStatus();
               });
}

}  // namespace callbraid::collector
