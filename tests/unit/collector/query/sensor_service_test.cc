#include "collector/query/sensor_service.h"

#include <memory>
#include <vector>

#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

namespace callbraid::collector {
namespace {

class FakeDirectory final : public SensorDirectory {
 public:
  std::vector<v1::Sensor> ListSensors() const override {
    std::vector<v1::Sensor> sensors(2);
    sensors[0].set_id("s1");
    sensors[1].set_id("s2");
    sensors[1].set_connected(true);
    return sensors;
  }
};

TEST(SensorService, ListsWhatTheDirectoryKnows) {
  const FakeDirectory directory;
  SensorService service(directory);
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  const auto stub = v1::SensorService::NewStub(server->InProcessChannel({}));
  grpc::ClientContext context;
  v1::ListSensorsResponse response;
  ASSERT_TRUE(stub->ListSensors(&context, {}, &response).ok());
  ASSERT_EQ(response.sensors_size(), 2);
  EXPECT_EQ(response.sensors(0).id(), "s1");
  EXPECT_TRUE(response.sensors(1).connected());
  server->Shutdown();
}

}  // namespace
}  // namespace callbraid::collector
