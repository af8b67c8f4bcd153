#include "collector/query/sensor_service.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "collector/doctor/doctor.h"
#include "collector/query/run_on.h"
#include "common/base/status_macros.h"

namespace callbraid::collector {
namespace {

// By a sensor that the reader may know of. Where no traffic tells, round trips
// over the uplink do; but the times in a capture file are not those of the
// sensor's clock.
void SetClock(const ClockBoard& board, const std::set<std::string>& known,
              v1::Sensor& sensor) {
  const auto clock = board.Of(sensor.id());
  if (clock &&
      (clock->reference().empty() || known.count(clock->reference()) > 0)) {
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
    grpc::CallbackServerContext* context, const v1::ListSensorsRequest* request,
    v1::ListSensorsResponse* response) {
  return RunOn(lookups_, access_, context, request,
               [this, response](const Caller& caller) -> absl::Status {
                 std::vector<v1::Sensor> sensors =
                     sources_.sensors.ListSensors(caller.scope);
                 std::set<std::string> known;
                 for (const auto& sensor : sensors) known.insert(sensor.id());
                 for (v1::Sensor& sensor : sensors) {
                   SetClock(sources_.clocks, known, sensor);
                   *response->add_sensors() = std::move(sensor);
                 }
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* SensorService::Diagnose(
    grpc::CallbackServerContext* context, const v1::DiagnoseRequest* request,
    v1::DiagnoseResponse* response) {
  return RunOn(diagnoses_, access_, context, request,
               [this, request, response](const Caller& caller) -> absl::Status {
                 ASSIGN_OR_RETURN(const Facts facts,
                                  GatherFacts(sources_, *request, caller.scope,
                                              clock_.WallNs()));
                 *response = collector::Diagnose(facts, request->sensor());
                 return absl::OkStatus();
               });
}

}  // namespace callbraid::collector
