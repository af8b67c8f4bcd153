#include "collector/query/completeness_service.h"

#include <memory>

#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/unit/collector/completeness/stored_calls.h"

namespace callbraid::collector {
namespace {

v1::AccessConfig Config() {
  v1::AccessConfig config;
  config.set_bad_tokens_per_minute(10);
  return config;
}

class CompletenessServiceTest : public testing::Test {
 protected:
  CompletenessServiceTest() {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::CompletenessService::NewStub(server_->InProcessChannel({}));
    StoreCall(store_, "a", 0, "101", "102", "berlin");
    StoreCall(store_, "b", 0, "103", "104", "bonn");
  }
  ~CompletenessServiceTest() override { server_->Shutdown(); }

  // Puts a token into `context`.
  void LogIn(v1::Role role, const std::string& site,
             grpc::ClientContext& context) {
    v1::CreateTokenRequest request;
    request.set_name("ann");
    request.set_role(role);
    if (!site.empty()) request.mutable_scope()->add_sites(site);
    const auto token = access_.tokens().Create(request, Caller());
    ASSERT_TRUE(token.ok()) << token.status();
    context.AddMetadata("authorization", "Bearer " + token->secret());
  }

  fakes::FakeClock clock_{(kNineS + 3600) * 1'000'000'000};
  MemoryStore store_;
  AccessControl access_{Config(), /*insecure=*/true, "", store_.access(),
                        clock_};
  WorkerPool workers_{"count", 1, 8};
  CompletenessService service_{access_, store_, workers_, clock_};
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::CompletenessService::Stub> stub_;
};

TEST_F(CompletenessServiceTest, CountsWhatTheCallerMaySee) {
  grpc::ClientContext context;
  v1::GetCompletenessResponse response;
  ASSERT_TRUE(stub_->GetCompleteness(&context, {}, &response).ok());
  EXPECT_EQ(response.days_size(), 2);
  grpc::ClientContext scoped;
  LogIn(v1::ROLE_VIEWER, "bonn", scoped);
  ASSERT_TRUE(stub_->GetCompleteness(&scoped, {}, &response).ok());
  ASSERT_EQ(response.days_size(), 1);
  EXPECT_EQ(response.days(0).site(), "bonn");
}

TEST_F(CompletenessServiceTest, FindsCallsThatTheCallerMaySee) {
  v1::ReconcileCallsRequest request;
  request.set_cdr(
      "start,src,dst,billsec\n1795770000,101,102,60\n"
      "1795770000,103,104,60\n");
  v1::ReconcileCallsResponse response;
  grpc::ClientContext context;
  ASSERT_TRUE(stub_->ReconcileCalls(&context, request, &response).ok());
  EXPECT_EQ(response.missing(), 0u);
  grpc::ClientContext scoped;
  LogIn(v1::ROLE_VIEWER, "bonn", scoped);
  ASSERT_TRUE(stub_->ReconcileCalls(&scoped, request, &response).ok());
  EXPECT_EQ(response.missing(), 1u);
}

TEST_F(CompletenessServiceTest, IsNotForAuditors) {
  grpc::ClientContext context;
  LogIn(v1::ROLE_AUDITOR, "", context);
  v1::GetCompletenessResponse response;
  EXPECT_EQ(stub_->GetCompleteness(&context, {}, &response).error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
}

}  // namespace
}  // namespace callbraid::collector
