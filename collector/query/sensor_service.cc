#include "collector/query/sensor_service.h"

#include <utility>

namespace callbraid::collector {

grpc::ServerUnaryReactor* SensorService::ListSensors(
    grpc::CallbackServerContext* context, const v1::ListSensorsRequest*,
    v1::ListSensorsResponse* response) {
  for (v1::Sensor& sensor : directory_.ListSensors()) {
    *response->add_sensors() = std::move(sensor);
  }
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace callbraid::collector
