#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "callbraid/v1/access.grpc.pb.h"
#include "callbraid/v1/query.grpc.pb.h"
#include "callbraid/v1/sensor.grpc.pb.h"
#include "callbraid/v1/uplink.grpc.pb.h"
#include "collector/collector.h"
#include "collector/collector_config.h"
#include "common/base/clock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/fakes/temp_dir.h"

// A whole collector behind mutual TLS, and clients with certificates of every
// kind.

namespace callbraid::collector {
namespace {

using grpc::StatusCode;

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Certificates of one authority; made once, for that takes a second.
class Authority {
 public:
  explicit Authority(const std::string& names) {
    const std::string command = absl::StrCat(
        CALLBRAID_MAKE_CERTS, " ", dir_.path(), " ", names, " > /dev/null");
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before there are threads.
    EXPECT_EQ(std::system(command.c_str()), 0);
  }
  std::string File(const std::string& name) const {
    return absl::StrCat(dir_.path(), "/", name);
  }
  std::shared_ptr<grpc::ChannelCredentials> Identity(
      const std::string& name, const Authority& trusted) const {
    grpc::SslCredentialsOptions options;
    options.pem_root_certs = Contents(trusted.File("ca.pem"));
    if (!name.empty()) {
      options.pem_cert_chain = Contents(File(name + ".pem"));
      options.pem_private_key = Contents(File(name + ".key"));
    }
    return grpc::SslCredentials(options);
  }

 private:
  const fakes::TempDir dir_;
};

class CollectorAccessTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ours_ = new Authority("s1 user:ann user:audrey user:stranger");
    foreign_ = new Authority("s1 user:ann");
  }
  static void TearDownTestSuite() {
    delete ours_;
    delete foreign_;
  }

  CollectorAccessTest() {
    v1::CollectorConfig config;
    config.set_data(data_.path() + "/data");
    config.set_listen("127.0.0.1:0");
    config.mutable_tls()->set_ca(ours_->File("ca.pem"));
    config.mutable_tls()->set_cert(ours_->File("collector.pem"));
    config.mutable_tls()->set_key(ours_->File("collector.key"));
    for (const auto& [name, role] :
         {std::pair("callbraid-client", "admin"), std::pair("ann", "viewer"),
          std::pair("audrey", "auditor")}) {
      v1::AccessClient* client = config.mutable_access()->add_clients();
      client->set_name(name);
      client->set_role(role);
    }
    const auto complete = Complete(config);
    EXPECT_TRUE(complete.ok()) << complete.status();
    auto collector = Collector::Start(*complete, clock_);
    EXPECT_TRUE(collector.ok()) << collector.status();
    collector_ = *std::move(collector);
    admin_ = v1::AccessService::NewStub(Connect("client"));
  }

  std::shared_ptr<grpc::Channel> Connect(const std::string& name,
                                         const Authority* of = nullptr) {
    return grpc::CreateChannel(
        collector_->address(),
        (of == nullptr ? *ours_ : *of).Identity(name, *ours_));
  }
  // Of ListCalls.
  StatusCode List(const std::shared_ptr<grpc::Channel>& channel,
                  const std::vector<std::string>& authorization = {}) {
    grpc::ClientContext context;
    for (const std::string& value : authorization) {
      context.AddMetadata("authorization", value);
    }
    v1::ListCallsResponse response;
    return v1::CallService::NewStub(channel)
        ->ListCalls(&context, {}, &response)
        .error_code();
  }
  StatusCode ListSensors(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    v1::ListSensorsResponse response;
    return v1::SensorService::NewStub(channel)
        ->ListSensors(&context, {}, &response)
        .error_code();
  }
  StatusCode ListTokens(const std::shared_ptr<grpc::Channel>& channel,
                        const std::string& token) {
    grpc::ClientContext context;
    context.AddMetadata("authorization", "Bearer " + token);
    v1::ListTokensResponse response;
    return v1::AccessService::NewStub(channel)
        ->ListTokens(&context, {}, &response)
        .error_code();
  }
  // Of an uplink as `sensor`: OK if it is welcome.
  StatusCode Uplink(const std::shared_ptr<grpc::Channel>& channel,
                    const std::string& sensor) {
    grpc::ClientContext context;
    const auto stream = v1::UplinkService::NewStub(channel)->Connect(&context);
    v1::ConnectRequest request;
    request.mutable_hello()->set_sensor_id(sensor);
    request.mutable_hello()->set_site("test");
    request.mutable_hello()->set_instance_id(1);
    stream->Write(request);
    v1::ConnectResponse response;
    if (stream->Read(&response) && response.has_welcome()) {
      context.TryCancel();
      stream->Finish();
      return StatusCode::OK;
    }
    return stream->Finish().error_code();
  }
  v1::CreateTokenResponse MakeToken(v1::Role role) {
    grpc::ClientContext context;
    v1::CreateTokenRequest request;
    request.set_name("token");
    request.set_role(role);
    v1::CreateTokenResponse response;
    const grpc::Status status =
        admin_->CreateToken(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  static const Authority* ours_;
  static const Authority* foreign_;
  const SystemClock clock_{};
  const fakes::TempDir data_;
  std::unique_ptr<Collector> collector_;
  std::unique_ptr<v1::AccessService::Stub> admin_;
};

const Authority* CollectorAccessTest::ours_ = nullptr;
const Authority* CollectorAccessTest::foreign_ = nullptr;

TEST_F(CollectorAccessTest, ACertificateHasTheRoleOfItsName) {
  EXPECT_EQ(List(Connect("client")), StatusCode::OK) << "by common name";
  EXPECT_EQ(List(Connect("ann")), StatusCode::OK) << "by URI";
  EXPECT_EQ(ListSensors(Connect("ann")), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(List(Connect("audrey")), StatusCode::PERMISSION_DENIED);
}

TEST_F(CollectorAccessTest, WhoIsNobodyIsRefused) {
  EXPECT_EQ(List(Connect("")), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(List(Connect("stranger")), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(List(Connect("s1")), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(List(Connect("ann", foreign_)), StatusCode::UNAVAILABLE)
      << "no connection";
  EXPECT_EQ(List(grpc::CreateChannel(collector_->address(),
                                     grpc::InsecureChannelCredentials())),
            StatusCode::UNAVAILABLE);
}

TEST_F(CollectorAccessTest, TheUplinkIsForSensorsAlone) {
  EXPECT_EQ(Uplink(Connect("s1"), "s1"), StatusCode::OK);
  EXPECT_EQ(Uplink(Connect("s1"), "s2"), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Uplink(Connect(""), "s1"), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(Uplink(Connect("ann"), "ann"), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Uplink(Connect("client"), "callbraid-client"),
            StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Uplink(Connect("s1", foreign_), "s1"), StatusCode::UNAVAILABLE);
}

TEST_F(CollectorAccessTest, ATokenNeedsNoCertificate) {
  const std::string viewer = MakeToken(v1::ROLE_VIEWER).secret();
  const std::string admin = MakeToken(v1::ROLE_ADMIN).secret();
  EXPECT_EQ(List(Connect(""), {"Bearer " + viewer}), StatusCode::OK);
  EXPECT_EQ(ListTokens(Connect(""), viewer), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(ListTokens(Connect(""), admin), StatusCode::OK);
  EXPECT_EQ(ListTokens(Connect("client"), viewer),
            StatusCode::PERMISSION_DENIED)
      << "what is sent decides";
}

TEST_F(CollectorAccessTest, TwoAuthorizationsAreRefused) {
  const std::string good = "Bearer " + MakeToken(v1::ROLE_VIEWER).secret();
  EXPECT_EQ(List(Connect(""), {good, good}), StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(List(Connect("client"), {good, "Bearer x"}),
            StatusCode::UNAUTHENTICATED);
}

TEST_F(CollectorAccessTest, AWatchEndsWhenItsTokenIsRevoked) {
  const v1::CreateTokenResponse token = MakeToken(v1::ROLE_VIEWER);
  grpc::ClientContext context;
  context.AddMetadata("authorization", "Bearer " + token.secret());
  const auto stub = v1::CallService::NewStub(Connect(""));
  const auto reader = stub->WatchCalls(&context, {});
  reader->WaitForInitialMetadata();
  grpc::ClientContext revoke_context;
  v1::RevokeTokenRequest revoke;
  revoke.set_id(token.token().id());
  v1::RevokeTokenResponse revoked;
  ASSERT_TRUE(admin_->RevokeToken(&revoke_context, revoke, &revoked).ok());
  v1::WatchCallsResponse change;
  EXPECT_FALSE(reader->Read(&change));
  EXPECT_EQ(reader->Finish().error_code(), StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace callbraid::collector
