#ifndef CALLBRAID_COLLECTOR_COLLECTOR_H_
#define CALLBRAID_COLLECTOR_COLLECTOR_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "callbraid/v1/config.pb.h"
#include "collector/access/access_control.h"
#include "collector/access/enrolment.h"
#include "collector/access/sensor_book.h"
#include "collector/alerts/alert_watch.h"
#include "collector/correlate/correlator.h"
#include "collector/events/event_sinks.h"
#include "collector/ingest/ingest_pipeline.h"
#include "collector/ingest/uplink_service.h"
#include "collector/query/access_service.h"
#include "collector/query/call_listeners.h"
#include "collector/query/call_service.h"
#include "collector/query/completeness_service.h"
#include "collector/query/enrolment_service.h"
#include "collector/query/sensor_service.h"
#include "collector/query/watch_hub.h"
#include "collector/query/worker_pool.h"
#include "collector/retention/retention.h"
#include "collector/store/rocksdb_store.h"
#include "collector/web/web_server.h"
#include "common/base/clock.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::collector {

// The collector: owns every stage and the gRPC server in front of them.
//
// Threads: "ingest" (folds and commits), "correlate", "access" (tokens, audit
// log), "retention", "lookup", "stream", "count" and "listen" workers of the
// query side, "event" ones, and gRPC's own, which only move messages. See
// docs/threads.md.
class Collector {
 public:
  // `config` as from Complete(). `clock` must outlive the collector. Errors are
  // one line for people: those of ServerCredentials() and of the store, and
  // FAILED_PRECONDITION if the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<Collector>> Start(
      const v1::CollectorConfig& config, const Clock& clock);
  // As Stop().
  ~Collector();

  // "HOST:PORT" with the real port.
  const std::string& address() const { return address_; }

  // "https://HOST:PORT"; "" without a web server.
  std::string web_url() const { return web_ == nullptr ? "" : web_->url(); }

  // Commits and acknowledges what sensors have sent, tells sensors and watchers
  // UNAVAILABLE, lets requests under way end for some seconds, and closes the
  // store. Once.
  void Stop();

 private:
  Collector(const v1::CollectorConfig& config, const Clock& clock,
            std::unique_ptr<RocksDbStore> store);

  absl::Status Listen(const v1::CollectorConfig& config);
  absl::Status ListenToBrowsers(const v1::CollectorConfig& config);

  // In the order in which they depend on each other.
  const Clock& clock_;
  const std::unique_ptr<RocksDbStore> store_;
  AccessControl access_;
  SensorBook sensors_;
  Enrolment enrolment_;
  EventSinks events_;
  Retention retention_;
  WatchHub hub_;
  MediaOrders media_orders_;
  Correlator correlator_;
  IngestPipeline pipeline_;
  AlertWatch alerts_;
  WorkerPool lookups_;
  WorkerPool streams_;
  WorkerPool counts_;
  WorkerPool enrolments_;
  WorkerPool passwords_;
  CallListeners listeners_;
  UplinkService uplink_service_;
  CallService call_service_;
  SensorService sensor_service_;
  AccessService access_service_;
  LoginService login_service_;
  CompletenessService completeness_service_;
  EnrolmentService enrolment_service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<WebServer> web_;
  std::string address_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_COLLECTOR_H_
