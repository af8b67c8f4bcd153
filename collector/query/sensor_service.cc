#include "collector/query/sensor_service.h"

#include <utility>

#include "collector/doctor/doctor.h"
#include "collector/query/run_on.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// Where no traffic tells, round trips over the uplink do; but the times in a
// capture file are not those of the sensor's clock.
void SetClock(const ClockBoard& board, v1::Sensor& sensor) {
  if (const auto clock = board.Of(sensor.id())) {
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
  for (v1::Sensor& sensor : sources_.sensors.ListSensors()) {
    SetClock(sources_.clocks, sensor);
    *response->add_sensors() = std::move(sensor);
  }
  grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerUnaryReactor* SensorService::Diagnose(
    grpc::CallbackServerContext* context, const v1::DiagnoseRequest* request,
    v1::DiagnoseResponse* response) {
  return RunOn(workers_, context, [this, request, response]() -> absl::Status {
    ASSIGN_OR_RETURN(const Facts facts,
                     GatherFacts(sources_, *request, clock_.WallNs()));
    *response = collector::Diagnose(facts, request->sensor());
    return absl::OkStatus();
  });
}

}  // namespace callbraid::collector
