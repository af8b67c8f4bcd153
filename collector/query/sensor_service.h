#ifndef CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_
#define CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_

#include <vector>

#include "callbraid/v1/sensor.grpc.pb.h"
#include "collector/access/access_control.h"
#include "collector/access/enrolment.h"
#include "collector/access/sensor_book.h"
#include "collector/doctor/gather.h"
#include "collector/ingest/phone_book.h"
#include "collector/query/worker_pool.h"
#include "collector/store/commit_listener.h"
#include "common/base/clock.h"

namespace callbraid::collector {

// callbraid.v1.SensorService: `lookups` lists, `diagnoses` makes diagnoses,
// which read many calls. `phones` are those that registered, `correlator` tells
// how far it is behind, `book` has what was decided about sensors, `enrolment`
// makes tokens for them. All arguments, and what the sources refer to, must
// outlive the server that this is registered with.
class SensorService final : public v1::SensorService::CallbackService {
 public:
  SensorService(AccessControl& access, const FactSources& sources,
                const PhoneBook& phones, const CommitListener& correlator,
                SensorBook& book, Enrolment& enrolment, WorkerPool& lookups,
                WorkerPool& diagnoses, const Clock& clock)
      : access_(access),
        sources_(sources),
        phones_(phones),
        correlator_(correlator),
        book_(book),
        enrolment_(enrolment),
        lookups_(lookups),
        diagnoses_(diagnoses),
        clock_(clock) {}

  grpc::ServerUnaryReactor* ListSensors(
      grpc::CallbackServerContext* context,
      const v1::ListSensorsRequest* request,
      v1::ListSensorsResponse* response) override;
  grpc::ServerUnaryReactor* ListPhones(
      grpc::CallbackServerContext* context,
      const v1::ListPhonesRequest* request,
      v1::ListPhonesResponse* response) override;
  grpc::ServerUnaryReactor* Diagnose(grpc::CallbackServerContext* context,
                                     const v1::DiagnoseRequest* request,
                                     v1::DiagnoseResponse* response) override;

  grpc::ServerUnaryReactor* EnrollSensor(
      grpc::CallbackServerContext* context,
      const v1::EnrollSensorRequest* request,
      v1::EnrollSensorResponse* response) override;
  grpc::ServerUnaryReactor* RevokeSensor(
      grpc::CallbackServerContext* context,
      const v1::RevokeSensorRequest* request,
      v1::RevokeSensorResponse* response) override;
  grpc::ServerUnaryReactor* AllowSensor(
      grpc::CallbackServerContext* context,
      const v1::AllowSensorRequest* request,
      v1::AllowSensorResponse* response) override;

 private:
  // All that connected and all that may, by id.
  std::vector<v1::Sensor> Sensors(const Scope& scope) const;

  AccessControl& access_;
  const FactSources sources_;
  const PhoneBook& phones_;
  const CommitListener& correlator_;
  SensorBook& book_;
  Enrolment& enrolment_;
  WorkerPool& lookups_;
  WorkerPool& diagnoses_;
  const Clock& clock_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_
