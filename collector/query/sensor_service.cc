#include "collector/query/sensor_service.h"

#include <optional>
#include <utility>

namespace callbraid::collector {
namespace {

// Where no traffic tells, round trips over the uplink do; but the times in a
// capture file are not those of the sensor's clock.
void SetClock(const ClockBoard* board, v1::Sensor& sensor) {
  const auto clock = board == nullptr ? std::nullopt : board->Of(sensor.id());
  if (clock) {
    *sensor.mutable_clock() = *clock;
    return;
  }
  if (!sensor.has_round_trip() || sensor.clock_epochs().empty()) return;
  v1::SensorClock& found = *sensor.mutable_clock();
  found.set_source(v1::CLOCK_SOURCE_ROUND_TRIP);
  found.set_offset_ns(sensor.round_trip().offset_ns());
  found.set_uncertainty_ns(sensor.round_trip().uncertainty_ns());
  *found.mutable_time() = sensor.round_trip().time();
}

}  // namespace

grpc::ServerUnaryReactor* SensorService::ListSensors(
    grpc::CallbackServerContext* context, const v1::ListSensorsRequest*,
    v1::ListSensorsResponse* response) {
  for (v1::Sensor& sensor : directory_.ListSensors()) {
    SetClock(clocks_, sensor);
    *response->add_sensors() = std::move(sensor);
  }
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

}  // namespace callbraid::collector
