#ifndef CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_
#define CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_

#include "callbraid/v1/sensor.grpc.pb.h"
#include "collector/access/access_control.h"
#include "collector/doctor/gather.h"
#include "collector/query/worker_pool.h"
#include "common/base/clock.h"

namespace callbraid::collector {

// callbraid.v1.SensorService: `lookups` lists, `diagnoses` makes diagnoses,
// which read many calls. All arguments, and what the sources refer to, must
// outlive the server that this is registered with.
class SensorService final : public v1::SensorService::CallbackService {
 public:
  SensorService(AccessControl& access, const FactSources& sources,
                WorkerPool& lookups, WorkerPool& diagnoses, const Clock& clock)
      : access_(access),
        sources_(sources),
        lookups_(lookups),
        diagnoses_(diagnoses),
        clock_(clock) {}

  grpc::ServerUnaryReactor* ListSensors(
      grpc::CallbackServerContext* context,
      const v1::ListSensorsRequest* request,
      v1::ListSensorsResponse* response) override;
  grpc::ServerUnaryReactor* Diagnose(grpc::CallbackServerContext* context,
                                     const v1::DiagnoseRequest* request,
                                     v1::DiagnoseResponse* response) override;

 private:
  AccessControl& access_;
  const FactSources sources_;
  WorkerPool& lookups_;
  WorkerPool& diagnoses_;
  const Clock& clock_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_
