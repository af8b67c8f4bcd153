#ifndef CALLBRAID_TESTS_INTEGRATION_TRUST_SITE_H_
#define CALLBRAID_TESTS_INTEGRATION_TRUST_SITE_H_

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "callbraid/v1/enrolment.grpc.pb.h"
#include "callbraid/v1/query.grpc.pb.h"
#include "callbraid/v1/sensor.grpc.pb.h"
#include "callbraid/v1/uplink.grpc.pb.h"
#include "collector/collector.h"
#include "collector/collector_config.h"
#include "common/base/clock.h"
#include "grpcpp/grpcpp.h"
#include "grpcpp/security/tls_certificate_provider.h"
#include "grpcpp/security/tls_credentials_options.h"
#include "gtest/gtest.h"
#include "tests/fakes/authority.h"
#include "tests/fakes/call_frames.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/temp_dir.h"

namespace callbraid {

// Certificate and key of who dials; without, none is shown.
using Identity = std::optional<fakes::PemPair>;

// A channel with a connection of its own, to a server of `authority`.
inline std::shared_ptr<grpc::Channel> Dial(const std::string& address,
                                           const std::string& authority,
                                           const Identity& identity) {
  namespace tls_api = grpc::experimental;
  tls_api::TlsChannelCredentialsOptions options;
  if (identity) {
    options.set_certificate_provider(
        std::make_shared<tls_api::StaticDataCertificateProvider>(
            authority, std::vector<tls_api::IdentityKeyCertPair>{
                           {identity->key, identity->certificate}}));
    options.watch_identity_key_cert_pairs();
  } else {
    options.set_certificate_provider(
        std::make_shared<tls_api::StaticDataCertificateProvider>(authority));
  }
  options.watch_root_certs();
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxSendMessageSize(-1);
  return grpc::CreateCustomChannel(address, tls_api::TlsCredentials(options),
                                   arguments);
}

// One connection to the uplink, by hand.
class Connection {
 public:
  explicit Connection(std::shared_ptr<grpc::Channel> channel)
      : stub_(v1::UplinkService::NewStub(std::move(channel))) {
    context_.set_deadline(std::chrono::system_clock::now() +
                          std::chrono::seconds(90));
    stream_ = stub_->Connect(&context_);
  }

  // False if nobody listens any more.
  bool Write(const v1::ConnectRequest& request) {
    return stream_->Write(request);
  }
  bool Read(v1::ConnectResponse& response) { return stream_->Read(&response); }
  // Until a response of that kind comes; false if the call ends before.
  bool ReadUntil(v1::ConnectResponse::MessageCase wanted,
                 v1::ConnectResponse& response) {
    while (stream_->Read(&response)) {
      if (response.message_case() == wanted) return true;
    }
    return false;
  }
  bool Welcomed() {
    v1::ConnectResponse response;
    return ReadUntil(v1::ConnectResponse::kWelcome, response);
  }
  // How the collector ends it.
  grpc::Status End() {
    v1::ConnectResponse response;
    while (stream_->Read(&response)) {
    }
    return stream_->Finish();
  }
  // In good order.
  grpc::Status Close() {
    stream_->WritesDone();
    return End();
  }

 private:
  const std::unique_ptr<v1::UplinkService::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<
      grpc::ClientReaderWriter<v1::ConnectRequest, v1::ConnectResponse>>
      stream_;
};

inline v1::ConnectRequest Hello(const std::string& sensor,
                                const std::string& site = "berlin",
                                const std::string& point = "eth0") {
  v1::ConnectRequest request;
  v1::Hello& hello = *request.mutable_hello();
  hello.set_sensor_id(sensor);
  hello.set_site(site);
  hello.set_instance_id(1);
  hello.add_capture_points()->set_name(point);
  hello.add_spools()->set_spool_id(5);
  return request;
}

inline v1::ConnectRequest Batch(uint64_t sequence, int frames = 1) {
  v1::ConnectRequest request;
  v1::FrameBatch& batch = *request.mutable_batch();
  batch.set_spool_id(5);
  batch.set_first_sequence(sequence);
  for (int i = 0; i < frames; ++i) {
    const auto begin =
        static_cast<uint32_t>(25 * (sequence + static_cast<uint64_t>(i)));
    *batch.add_frames() = fakes::Stream().Run(begin, begin + 25);
  }
  return request;
}

// A whole collector over TLS, which is the authority of its sensors. Its clock
// stands still, at the real time, unless a test moves it.
class TrustSite : public testing::Test {
 protected:
  TrustSite() {
    Write("ca.pem", authority_.pem().certificate);
    Write("ca.key", authority_.pem().key);
    WriteServer(authority_);
    config_.set_data(Path("data"));
    config_.set_listen("127.0.0.1:0");
    config_.mutable_tls()->set_ca(Path("ca.pem"));
    config_.mutable_tls()->set_cert(Path("collector.pem"));
    config_.mutable_tls()->set_key(Path("collector.key"));
    config_.mutable_enroll()->set_ca_cert(Path("ca.pem"));
    config_.mutable_enroll()->set_ca_key(Path("ca.key"));
    config_.mutable_ingest()->set_commit_ms(1);
    v1::AccessClient& admin = *config_.mutable_access()->add_clients();
    admin.set_name("ann");
    admin.set_role("admin");
  }

  // Again over the same data, if it ran.
  void Start() {
    collector_.reset();
    const auto config = collector::Complete(config_);
    ASSERT_TRUE(config.ok()) << config.status();
    auto started = collector::Collector::Start(*config, clock_);
    ASSERT_TRUE(started.ok()) << started.status();
    collector_ = *std::move(started);
    admin_ = v1::SensorService::NewStub(Dial(Admin()));
  }

  // A certificate is made some time after the clock was set, on a slow machine.
  static constexpr int64_t kSlackS = 300;
  void AdvanceSeconds(int64_t seconds) {
    clock_.Advance(seconds * 1'000'000'000);
  }

  std::string Path(const std::string& name) const {
    return dir_.path() + "/" + name;
  }
  // Whole, or as it was: the collector may be reading it.
  void Write(const std::string& name, const std::string& contents) const {
    std::ofstream(Path(name + ".new")) << contents;
    ASSERT_EQ(std::rename(Path(name + ".new").c_str(), Path(name).c_str()), 0);
  }
  void WriteServer(const fakes::Authority& authority) const {
    const fakes::PemPair server = authority.SignServer();
    Write("collector.key", server.key);
    Write("collector.pem", server.certificate);
  }
  const std::string& address() const { return collector_->address(); }

  Identity Admin() const {
    return authority_.Sign("ann", "URI:spiffe://callbraid/user/ann");
  }
  Identity Sensor(const std::string& id) const {
    return authority_.SignSensor(id);
  }
  std::shared_ptr<grpc::Channel> Dial(const Identity& identity) const {
    return callbraid::Dial(address(), authority_.pem().certificate, identity);
  }
  std::unique_ptr<Connection> Connect(const Identity& identity) const {
    return std::make_unique<Connection>(Dial(identity));
  }
  // As an honest sensor begins.
  std::unique_ptr<Connection> Greet(const std::string& id) const {
    auto connection = Connect(Sensor(id));
    EXPECT_TRUE(connection->Write(Hello(id)));
    EXPECT_TRUE(connection->Welcomed());
    return connection;
  }

  v1::ListSensorsResponse ListSensors() const {
    grpc::ClientContext context;
    v1::ListSensorsResponse response;
    const grpc::Status status = admin_->ListSensors(&context, {}, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  std::string Invite(const std::string& id, uint32_t valid_s = 3600,
                     const std::string& point = "") const {
    grpc::ClientContext context;
    v1::EnrollSensorRequest request;
    request.set_id(id);
    request.set_site("berlin");
    if (!point.empty()) request.add_capture_points(point);
    request.set_valid_seconds(valid_s);
    v1::EnrollSensorResponse response;
    const grpc::Status status =
        admin_->EnrollSensor(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.token();
  }
  void Revoke(const std::string& id) const {
    grpc::ClientContext context;
    v1::RevokeSensorRequest request;
    request.set_id(id);
    v1::RevokeSensorResponse response;
    const grpc::Status status =
        admin_->RevokeSensor(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  void Allow(const std::string& id) const {
    grpc::ClientContext context;
    v1::AllowSensorRequest request;
    request.set_id(id);
    v1::AllowSensorResponse response;
    const grpc::Status status =
        admin_->AllowSensor(&context, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  fakes::TempDir dir_;
  const fakes::Authority authority_;
  fakes::FakeClock clock_{SystemClock().WallNs()};
  v1::CollectorConfig config_;
  std::unique_ptr<collector::Collector> collector_;
  std::unique_ptr<v1::SensorService::Stub> admin_;
};

}  // namespace callbraid

#endif  // CALLBRAID_TESTS_INTEGRATION_TRUST_SITE_H_
