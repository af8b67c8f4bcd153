#ifndef CALLBRAID_COLLECTOR_INGEST_UPLINK_SERVICE_H_
#define CALLBRAID_COLLECTOR_INGEST_UPLINK_SERVICE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "callbraid/v1/config.pb.h"
#include "callbraid/v1/uplink.grpc.pb.h"
#include "collector/access/attempt_limiter.h"
#include "collector/access/certificate.h"
#include "collector/access/sensor_gate.h"
#include "collector/ingest/uplink_peer.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::collector {

// Where sensors connect: one reactor for each, which moves messages between
// gRPC and the ingest thread and does nothing else.
//
// One certificate has few places, and few hellos a minute: who stole one, or
// whose sensor runs mad, takes nothing away from others.
//
// A sensor that is window_mib ahead of the disk is not read from until commits
// have caught up, whatever credit it believes to have.
class UplinkService final
    : public v1::UplinkService::WithRawCallbackMethod_Connect<
          v1::UplinkService::Service> {
 public:
  // `insecure`: connections are plaintext, and a sensor is whoever it says.
  // References must outlive the service, and the service the server.
  UplinkService(const v1::IngestConfig& config, bool insecure,
                const SensorGate& gate, UplinkSink& sink, const Clock& clock);

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Connect(
      grpc::CallbackServerContext* context) override;

 private:
  // Null if a sensor's; whose, it says later.
  std::optional<SensorRefusal> CheckCertificate(
      const Certificate& certificate) const;
  std::optional<SensorRefusal> CheckHello(const Certificate& certificate,
                                          const pki::Validity& validity,
                                          const v1::Hello& hello);
  // A place for one more connection of this certificate, or why there is none.
  std::optional<SensorRefusal> TakePlace(const std::string& name)
      ABSL_LOCKS_EXCLUDED(mutex_);
  void GivePlaceBack(const std::string& name) ABSL_LOCKS_EXCLUDED(mutex_);

  const uint32_t max_connections_;
  const size_t window_bytes_;
  const bool insecure_;
  const SensorGate& gate_;
  UplinkSink& sink_;
  const Clock& clock_;
  // By the name in the certificate.
  AttemptLimiter hellos_;
  Mutex mutex_;
  std::map<std::string, uint32_t> connections_ ABSL_GUARDED_BY(mutex_);
  uint32_t all_connections_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_INGEST_UPLINK_SERVICE_H_
