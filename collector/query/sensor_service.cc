#include "collector/query/sensor_service.h"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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

// As of a hello.
constexpr size_t kMaxIdBytes = 64;
// As long as a number in the book.
constexpr size_t kMaxPrefixBytes = 64;

}  // namespace

std::vector<v1::Sensor> SensorService::Sensors(const Scope& scope) const {
  std::map<std::string, v1::Sensor> sensors;
  for (v1::Sensor& sensor : sources_.sensors.ListSensors(scope)) {
    sensors[sensor.id()] = std::move(sensor);
  }
  for (const store::v1::SensorRecord& record : book_.List()) {
    auto known = sensors.find(record.id());
    if (known == sensors.end()) {
      const std::string& site = record.trust().site().empty()
                                    ? record.trust().invited_site()
                                    : record.trust().site();
      // Or it connected at a site that is not seen.
      if (site.empty() ? !scope.all() : !scope.SeesSite(site)) continue;
      known = sensors.emplace(record.id(), v1::Sensor()).first;
      known->second.set_id(record.id());
      known->second.set_site(site);
    }
    *known->second.mutable_trust() = record.trust();
  }
  std::vector<v1::Sensor> listed;
  for (auto& [id, sensor] : sensors) {
    sensor.set_observations_waiting(correlator_.Backlog(id));
    listed.push_back(std::move(sensor));
  }
  return listed;
}

grpc::ServerUnaryReactor* SensorService::ListSensors(
    grpc::CallbackServerContext* context, const v1::ListSensorsRequest* request,
    v1::ListSensorsResponse* response) {
  return RunOn(lookups_, access_, context, request,
               [this, response](const Caller& caller) -> absl::Status {
                 std::vector<v1::Sensor> sensors = Sensors(caller.scope);
                 std::set<std::string> known;
                 for (const auto& sensor : sensors) known.insert(sensor.id());
                 for (v1::Sensor& sensor : sensors) {
                   SetClock(sources_.clocks, known, sensor);
                   *response->add_sensors() = std::move(sensor);
                 }
                 if (!caller.scope.all()) return absl::OkStatus();
                 for (const auto& [reason, count] :
                      sources_.sensors.RefusedStrangers()) {
                   (*response->mutable_refused_strangers())[reason] = count;
                 }
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* SensorService::ListPhones(
    grpc::CallbackServerContext* context, const v1::ListPhonesRequest* request,
    v1::ListPhonesResponse* response) {
  return RunOn(lookups_, access_, context, request,
               [this, request, response](const Caller& caller) -> absl::Status {
                 if (request->number_prefix().size() > kMaxPrefixBytes) {
                   return absl::InvalidArgumentError(
                       "number_prefix: more than 64 bytes");
                 }
                 *response =
                     phones_.List(*request, caller.scope, clock_.WallNs());
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

grpc::ServerUnaryReactor* SensorService::EnrollSensor(
    grpc::CallbackServerContext* context,
    const v1::EnrollSensorRequest* request,
    v1::EnrollSensorResponse* response) {
  return RunOn(lookups_, access_, context, request,
               [this, request, response](const Caller& caller) -> absl::Status {
                 ASSIGN_OR_RETURN(*response,
                                  enrolment_.Invite(*request, caller));
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* SensorService::RevokeSensor(
    grpc::CallbackServerContext* context,
    const v1::RevokeSensorRequest* request,
    v1::RevokeSensorResponse* response) {
  return RunOn(
      lookups_, access_, context, request,
      [this, request, response](const Caller& caller) -> absl::Status {
        const std::string& id = request->id();
        bool known = book_.TrustOf(id).has_value();
        for (const auto& sensor : sources_.sensors.ListSensors(caller.scope)) {
          known = known || sensor.id() == id;
        }
        // Mistyped, and the right one would go on.
        if (!known && !request->unknown()) {
          return absl::NotFoundError(absl::StrCat(
              "no sensor '", id.substr(0, 64),
              "' ever connected here; to refuse one before it comes: "
              "--unknown"));
        }
        if (id.size() > kMaxIdBytes) {
          return absl::InvalidArgumentError("id: more than 64 bytes");
        }
        ASSIGN_OR_RETURN(*response->mutable_trust(), book_.Revoke(id, caller));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* SensorService::AllowSensor(
    grpc::CallbackServerContext* context, const v1::AllowSensorRequest* request,
    v1::AllowSensorResponse* response) {
  return RunOn(lookups_, access_, context, request,
               [this, request, response](const Caller& caller) -> absl::Status {
                 ASSIGN_OR_RETURN(*response->mutable_trust(),
                                  book_.Allow(request->id(), caller));
                 return absl::OkStatus();
               });
}

}  // namespace callbraid::collector
