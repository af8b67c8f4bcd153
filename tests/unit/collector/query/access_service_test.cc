#include "collector/query/access_service.h"

#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

v1::AccessConfig Config() {
  v1::AccessConfig config;
  config.set_audit_days(10);
  config.set_audit_entries(1000);
  config.set_bad_tokens_per_minute(5);
  return config;
}

class AccessServiceTest : public testing::Test {
 protected:
  AccessServiceTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::AccessService::NewStub(server_->InProcessChannel({}));
  }
  ~AccessServiceTest() override { server_->Shutdown(); }

  grpc::Status Create(v1::Role role, const std::string& with = "") {
    grpc::ClientContext context;
    Send(with, context);
    v1::CreateTokenRequest request;
    request.set_name("token");
    request.set_role(role);
    return stub_->CreateToken(&context, request, &made_);
  }
  grpc::Status Audit(const v1::ListAuditRequest& request,
                     const std::string& with = "") {
    grpc::ClientContext context;
    Send(with, context);
    return stub_->ListAudit(&context, request, &audit_);
  }
  static void Send(const std::string& token, grpc::ClientContext& context) {
    if (token.empty()) return;
    context.AddMetadata("authorization", "Bearer " + token);
  }

  fakes::FakeClock clock_;
  MemoryStore store_;
  AccessControl access_{Config(), /*insecure=*/true, "", store_.access(),
                        clock_};
  WorkerPool workers_{"lookup", 1, 8};
  AccessService service_{store_.facts(), access_, workers_, workers_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::AccessService::Stub> stub_;
  v1::CreateTokenResponse made_;
  v1::ListAuditResponse audit_;
};

TEST_F(AccessServiceTest, MakesListsAndRevokesTokens) {
  ASSERT_TRUE(Create(v1::ROLE_ADMIN).ok());
  const std::string secret = made_.secret();
  const std::string id = made_.token().id();
  EXPECT_TRUE(Create(v1::ROLE_VIEWER, secret).ok());
  EXPECT_EQ(made_.token().created_by(), "token");

  grpc::ClientContext list_context;
  v1::ListTokensResponse list;
  ASSERT_TRUE(stub_->ListTokens(&list_context, {}, &list).ok());
  EXPECT_EQ(list.tokens_size(), 2);
  EXPECT_EQ(list.DebugString().find(secret), std::string::npos);

  grpc::ClientContext context;
  v1::RevokeTokenRequest revoke;
  revoke.set_id(id);
  v1::RevokeTokenResponse revoked;
  ASSERT_TRUE(stub_->RevokeToken(&context, revoke, &revoked).ok());
  EXPECT_EQ(Create(v1::ROLE_VIEWER, secret).error_code(),
            grpc::StatusCode::UNAUTHENTICATED);

  ASSERT_TRUE(Audit({}).ok());
  ASSERT_EQ(audit_.entries_size(), 3);
  EXPECT_EQ(audit_.entries(0).act(), v1::AUDIT_ACT_REVOKE_TOKEN);
  EXPECT_EQ(audit_.entries(0).target(), id);
  EXPECT_EQ(audit_.entries(1).act(), v1::AUDIT_ACT_CREATE_TOKEN);
  EXPECT_EQ(audit_.entries(1).token_id(), id);
}

TEST_F(AccessServiceTest, OnlyAnAdminMakesTokensAndOnlyAnAuditorReadsTheLog) {
  ASSERT_TRUE(Create(v1::ROLE_OPERATOR).ok());
  const std::string operator_token = made_.secret();
  ASSERT_TRUE(Create(v1::ROLE_AUDITOR).ok());
  const std::string auditor_token = made_.secret();
  for (const std::string& token : {operator_token, auditor_token}) {
    EXPECT_EQ(Create(v1::ROLE_ADMIN, token).error_code(),
              grpc::StatusCode::PERMISSION_DENIED);
  }
  EXPECT_EQ(Audit({}, operator_token).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(Audit({}, auditor_token).ok());
}

TEST_F(AccessServiceTest, PagesOfTheLogAreOfOneSetOfConditions) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Create(v1::ROLE_VIEWER).ok());
  v1::ListAuditRequest request;
  request.set_page_size(2);
  ASSERT_TRUE(Audit(request).ok());
  EXPECT_EQ(audit_.entries_size(), 2);
  request.set_page_token(audit_.next_page_token());
  request.set_user("ann");
  EXPECT_EQ(Audit(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  request.clear_user();
  ASSERT_TRUE(Audit(request).ok());
  EXPECT_EQ(audit_.entries_size(), 1);
  EXPECT_EQ(audit_.next_page_token(), "");
  request.set_page_token("2");
  EXPECT_EQ(Audit(request).error_code(), grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(AccessServiceTest, NotesLoginsThatAreNotEvenQueued) {
  LoginService logins(access_, workers_);
  grpc::ServerBuilder builder;
  builder.RegisterService(&logins);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const auto stub = v1::LoginService::NewStub(server->InProcessChannel({}));
  const auto log_in = [&stub] {
    grpc::ClientContext context;
    v1::LogInRequest request;
    request.set_name("ann");
    v1::LogInResponse response;
    return stub->LogIn(&context, request, &response).error_code();
  };
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(log_in(), grpc::StatusCode::UNAUTHENTICATED);
  }
  EXPECT_EQ(log_in(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  server->Shutdown();
  for (int i = 0; i < 6; ++i) access_.RunOnce(absl::ZeroDuration());
  ASSERT_TRUE(Audit({}).ok());
  ASSERT_EQ(audit_.entries_size(), 6);
  EXPECT_EQ(audit_.entries(0).act(), v1::AUDIT_ACT_LOG_IN);
  EXPECT_EQ(audit_.entries(0).status(), 8u);
  EXPECT_EQ(audit_.entries(5).status(), 16u);
}

TEST_F(AccessServiceTest, SaysWhichFieldIsWrong) {
  const grpc::Status status = Create(v1::ROLE_UNSPECIFIED);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), testing::HasSubstr("role"));
}

}  // namespace
}  // namespace callbraid::collector
