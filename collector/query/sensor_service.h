#ifndef CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_
#define CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_

#include "callbraid/v1/sensor.grpc.pb.h"
#include "collector/correlate/clock_board.h"
#include "collector/ingest/sensor_directory.h"

namespace callbraid::collector {

// callbraid.v1.SensorService. Answers at once: the directory is in memory.
class SensorService final : public v1::SensorService::CallbackService {
 public:
  // Both must outlive the server that this is registered with. Without `clocks`
  // only round trips tell how clocks compare.
  explicit SensorService(const SensorDirectory& directory,
                         const ClockBoard* clocks = nullptr)
      : directory_(directory), clocks_(clocks) {}

  grpc::ServerUnaryReactor* ListSensors(
      grpc::CallbackServerContext* context,
      const v1::ListSensorsRequest* request,
      v1::ListSensorsResponse* response) override;

 private:
  const SensorDirectory& directory_;
  const ClockBoard* const clocks_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_QUERY_SENSOR_SERVICE_H_
