#ifndef CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_
#define CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_

#include "callbraid/v1/sensor.grpc.pb.h"
#include "collector/doctor/gather.h"
#include "collector/query/worker_pool.h"
#include "common/base/clock.h"

namespace callbraid::collector {

// callbraid.v1.SensorService. Lists at once, for the directory is in memory; a
// diagnosis, which reads many calls, is made by `workers`. All arguments, and
// what the sources refer to, must outlive the server that this is registered
// with.
class SensorService final : public v1::SensorService::CallbackService {
 public:
  SensorService(const FactSources& sources, WorkerPool& workers,
                const Clock& clock)
      : sources_(sources), workers_(workers), clock_(clock) {}

  grpc::ServerUnaryReactor* ListSensors(
      grpc::CallbackServerContext* context,
      const v1::ListSensorsRequest* request,
      v1::ListSensorsResponse* response) override;
  grpc::ServerUnaryReactor* Diagnose(grpc::CallbackServerContext* context,
                                     const v1::DiagnoseRequest* request,
                                     v1::DiagnoseResponse* response) override;

 private:
  const FactSources sources_;
  WorkerPool& workers_;
  const Clock& clock_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_
