#include "collector/query/sensor_service.h"

#include <memory>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/memory_store.h"

namespace callbraid::collector {
namespace {

class FakeDirectory final : public SensorDirectory {
 public:
  std::vector<v1::Sensor> ListSensors() const override {
    std::vector<v1::Sensor> sensors(2);
    sensors[0].set_id("s1");
    sensors[0].add_capture_points()->mutable_capture_point()->set_name("eth0");
    sensors[1].set_id("s2");
    sensors[1].set_connected(true);
    return sensors;
  }
};

// The service behind an in-process channel.
struct Served {
  Served() : service({store, directory, reports, clocks}, workers, clock) {
    grpc::ServerBuilder builder;
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
    stub = v1::SensorService::NewStub(server->InProcessChannel({}));
  }
  ~Served() { server->Shutdown(); }

  FakeDirectory directory;
  ReportHistory reports;
  MemoryStore store;
  ClockBoard clocks;
  WorkerPool workers{"lookup", 1, 8};
  fakes::FakeClock clock;
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

}  // namespace
}  // namespace callbraid::collector
