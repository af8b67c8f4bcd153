#ifndef CALLBRAID_COLLECTOR_INGEST_UPLINK_SERVICE_H_
#define CALLBRAID_COLLECTOR_INGEST_UPLINK_SERVICE_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

#include "callbraid/v1/config.pb.h"
#include "callbraid/v1/uplink.grpc.pb.h"
#include "collector/access/certificate.h"
#include "collector/access/sensor_gate.h"
#include "collector/ingest/uplink_peer.h"
#include "common/base/clock.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::collector {

// Where sensors connect: one reactor for each, which moves messages between
// gRPC and the ingest thread and does nothing else.
//
// A sensor that is window_mib ahead of the disk is not read from until commits
// have caught up, whatever credit it believes to have.
class UplinkService final
    : public v1::UplinkService::WithRawCallbackMethod_Connect<
          v1::UplinkService::Service> {
 public:
  // `insecure`: connections are plaintext, and a sensor is whoever it says.
  // `is_client` tells users, who are no sensors. `sink` and `clock` must
  // outlive the service, and the service the server.
  UplinkService(const v1::IngestConfig& config, bool insecure,
                IsClient is_client, UplinkSink& sink, const Clock& clock);

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Connect(
      grpc::CallbackServerContext* context) override;

 private:
  // Null if a sensor's; whose, it says later.
  std::optional<SensorRefusal> CheckCertificate(
      const grpc::CallbackServerContext& context) const;

  const uint32_t max_connections_;
  const size_t window_bytes_;
  const bool insecure_;
  const IsClient is_client_;
  UplinkSink& sink_;
  const Clock& clock_;
  std::atomic<uint32_t> connections_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_UPLINK_SERVICE_H_
