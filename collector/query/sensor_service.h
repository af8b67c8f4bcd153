#ifndef CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_
#define CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_

#include "callbraid/v1/sensor.grpc.pb.h"
#include "collector/ingest/sensor_directory.h"

namespace callbraid::collector {

// callbraid.v1.SensorService. Answers at once: the directory is in memory.
class SensorService final : public v1::SensorService::CallbackService {
 public:
  // `directory` must outlive the server that this is registered with.
  explicit SensorService(const SensorDirectory& directory)
      : directory_(directory) {}

  grpc::ServerUnaryReactor* ListSensors(
      grpc::CallbackServerContext* context,
      const v1::ListSensorsRequest* request,
      v1::ListSensorsResponse* response) override;

 private:
  const SensorDirectory& directory_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_
