#include "collector/query/sensor_service.h"

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

class FakeDirectory final : public SensorDirectory {
 public:
  std::vector<v1::Sensor> ListSensors(const Scope& scope) const override {
    std::vector<v1::Sensor> sensors(2);
    sensors[0].set_id("s1");
    sensors[0].add_capture_points()->mutable_capture_point()->set_name("eth0");
    sensors[1].set_id("s2");
    sensors[1].set_connected(true);
    sensors[0].set_site("berlin");
    sensors[1].set_site("bonn");
    std::vector<v1::Sensor> seen;
    for (const v1::Sensor& sensor : sensors) {
      if (scope.SeesSite(sensor.site())) seen.push_back(sensor);
    }
    return seen;
  }
};

// Seven observations behind, of s2.
class FakeCorrelator final : public CommitListener {
 public:
  void OnCommitted(const std::string&,
                   const std::vector<ObservationId>&) override {}
  size_t Backlog(const std::string& sensor) const override {
    return sensor == "s2" ? 7 : 0;
  }
};

v1::AccessConfig Config() {
  v1::AccessConfig config;
  config.set_bad_tokens_per_minute(10);
  return config;
}

// The service behind an in-process channel.
struct Served {
  Served()
      : service(access, {store, directory, reports, clocks}, phones, correlator,
                book, enrolment, workers, workers, clock) {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
    stub = v1::SensorService::NewStub(server->InProcessChannel({}));
  }
  ~Served() { server->Shutdown(); }

  // A phone registers, and a sensor of the site sees it.
  void SeePhone(const std::string& site, const std::string& number) {
    v1::CaptureReport report;
    v1::HostTraffic& host = *report.add_hosts();
    host.set_address("\x0a\x01\x02\x03");
    host.add_registrations()->set_number(number);
    const std::string sensor = "s1";
    const std::string capture_point = "eth0";
    phones.Add({sensor, site, capture_point}, report, clock.WallNs());
  }
  // Of an operator who is held to this.
  std::string Authorization(const v1::Scope& scope) {
    v1::CreateTokenRequest request;
    request.set_name("ann");
    request.set_role(v1::ROLE_OPERATOR);
    *request.mutable_scope() = scope;
    return "Bearer " +
           access.tokens().Create(request, Caller()).value().secret();
  }

  FakeDirectory directory;
  ReportHistory reports;
  PhoneBook phones;
  MemoryStore store;
  ClockBoard clocks;
  FakeCorrelator correlator;
  WorkerPool workers{"lookup", 1, 8};
  fakes::FakeClock clock;
  AccessControl access{Config(), /*insecure=*/true, "", store.access(), clock};
  SensorBook book{{}, store.access(), access.audit(), clock};
  Enrolment enrolment{{}, book, clock};
  SensorService service;
  std::unique_ptr<grpc::Server> server;
  std::unique_ptr<v1::SensorService::Stub> stub;
};

TEST(SensorService, ListsWhatTheDirectoryKnows) {
  Served served;
  grpc::ClientContext context;
  v1::ListSensorsResponse response;
  ASSERT_TRUE(served.stub->ListSensors(&context, {}, &response).ok());
  ASSERT_EQ(response.sensors_size(), 2);
  EXPECT_EQ(response.sensors(0).id(), "s1");
  EXPECT_TRUE(response.sensors(1).connected());
  EXPECT_EQ(response.sensors(0).observations_waiting(), 0u);
  EXPECT_EQ(response.sensors(1).observations_waiting(), 7u);
}

TEST(SensorService, DiagnosesWhatIsWrong) {
  Served served;
  grpc::ClientContext context;
  v1::DiagnoseResponse response;
  ASSERT_TRUE(served.stub->Diagnose(&context, {}, &response).ok());
  // s1 is not connected.
  ASSERT_EQ(response.verdicts_size(), 1);
  EXPECT_EQ(response.verdicts(0).kind(), v1::VERDICT_KIND_SENSOR_AWAY);
  EXPECT_EQ(response.verdicts(0).sensor(), "s1");
}

TEST(SensorService, SaysThatItDoesNotKnowASensor) {
  Served served;
  grpc::ClientContext context;
  v1::DiagnoseRequest request;
  request.set_sensor("nosuch");
  v1::DiagnoseResponse response;
  EXPECT_EQ(served.stub->Diagnose(&context, request, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST(SensorService, KnowsNoSensorOutOfScope) {
  Served served;
  // s2 is the reference of s1's clock.
  v1::SensorClock clock;
  clock.set_reference("s2");
  clock.set_source(v1::CLOCK_SOURCE_BOTH_WAYS);
  served.clocks.Set({{"s1", clock}});
  v1::Scope scope;
  scope.add_sites("berlin");
  const std::string header = served.Authorization(scope);
  {
    grpc::ClientContext context;
    context.AddMetadata("authorization", header);
    v1::ListSensorsResponse response;
    ASSERT_TRUE(served.stub->ListSensors(&context, {}, &response).ok());
    ASSERT_EQ(response.sensors_size(), 1);
    EXPECT_EQ(response.sensors(0).id(), "s1");
    EXPECT_FALSE(response.sensors(0).has_clock());
  }
  grpc::ClientContext context;
  context.AddMetadata("authorization", header);
  v1::DiagnoseRequest diagnose;
  diagnose.set_site("bonn");
  v1::DiagnoseResponse response;
  EXPECT_EQ(served.stub->Diagnose(&context, diagnose, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST(SensorService, ListsPhonesWithinTheScope) {
  Served served;
  served.SeePhone("bonn", "101");
  served.SeePhone("berlin", "201");
  served.SeePhone("berlin", "101");
  {
    grpc::ClientContext context;
    v1::ListPhonesResponse response;
    ASSERT_TRUE(served.stub->ListPhones(&context, {}, &response).ok());
    ASSERT_EQ(response.phones_size(), 3);
    EXPECT_EQ(response.phones(0).site(), "berlin");
    EXPECT_EQ(response.phones(0).number(), "101");
    EXPECT_EQ(response.phones(0).capture_point(), "s1/eth0");
  }
  v1::Scope scope;
  scope.add_sites("berlin");
  scope.add_numbers("1*");
  grpc::ClientContext context;
  context.AddMetadata("authorization", served.Authorization(scope));
  v1::ListPhonesResponse response;
  ASSERT_TRUE(served.stub->ListPhones(&context, {}, &response).ok());
  ASSERT_EQ(response.phones_size(), 1);
  EXPECT_EQ(response.phones(0).site(), "berlin");
  EXPECT_EQ(response.phones(0).number(), "101");
}

TEST(SensorService, RefusesAPrefixThatNoNumberHas) {
  Served served;
  v1::ListPhonesRequest request;
  request.set_number_prefix(std::string(64, '1'));
  v1::ListPhonesResponse response;
  {
    grpc::ClientContext context;
    EXPECT_TRUE(served.stub->ListPhones(&context, request, &response).ok());
  }
  request.set_number_prefix(std::string(65, '1'));
  grpc::ClientContext context;
  EXPECT_EQ(served.stub->ListPhones(&context, request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

}  // namespace
}  // namespace callbraid::collector
