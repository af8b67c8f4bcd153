#include "collector/collector.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "collector/events/events_config.h"
#include "collector/listen_failure.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/rpc/credentials.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"

namespace callbraid::collector {
namespace {

// A batch of frames with room to spare, and the signalling of a long call.
constexpr int kMaxMessageBytes = 16 << 20;
constexpr int kMaxStreamsPerConnection = 1000;

constexpr int kLookupThreads = 4;
constexpr size_t kLookupQueue = 256;
// One: each password that is tried takes 32 MiB.
constexpr int kPasswordThreads = 1;
constexpr size_t kPasswordQueue = 32;
// Each may wait for its reader.
constexpr int kStreamThreads = 8;
constexpr size_t kStreamQueue = 64;

// Each reads many calls.
constexpr int kCountThreads = 2;
constexpr size_t kCountQueue = 16;

// Of strangers: they must not take a place from who may ask.
constexpr int kEnrolThreads = 1;
constexpr size_t kEnrolQueue = 64;

// How long requests under way may take when the collector stops.
constexpr absl::Duration kGrace = absl::Seconds(5);

void SetChannelOptions(grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder.SetMaxSendMessageSize(kMaxMessageBytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             kMaxStreamsPerConnection);
  // Notice sensors and watchers that vanished; let ours ping as they do
  // (common/rpc/credentials.cc), also between calls.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 5'000);
  // Or a second collector would silently share the port.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Collector>> Collector::Start(
    const v1::CollectorConfig& config, const Clock& clock) {
  // Before anything is created on disk.
  RETURN_IF_ERROR(ServerCredentials(config.tls(), config.insecure()).status());
  RETURN_IF_ERROR(Enrolment::CheckFiles(config));
  RETURN_IF_ERROR(CheckEventFiles(config.events()));
  ASSIGN_OR_RETURN(std::unique_ptr<RocksDbStore> store,
                   RocksDbStore::Open(config.data()));
  // make_unique cannot call a private constructor.
  std::unique_ptr<Collector> collector(
      new Collector(config, clock, std::move(store)));
  RETURN_IF_ERROR(collector->access_.Load());
  RETURN_IF_ERROR(collector->sensors_.Load());
  RETURN_IF_ERROR(collector->pipeline_.Load());
  RETURN_IF_ERROR(collector->events_.Start());
  RETURN_IF_ERROR(collector->alerts_.Start());
  RETURN_IF_ERROR(collector->correlator_.Start());
  RETURN_IF_ERROR(collector->Listen(config));
  RETURN_IF_ERROR(collector->ListenToBrowsers(config));
  return collector;
}

Collector::Collector(const v1::CollectorConfig& config, const Clock& clock,
                     std::unique_ptr<RocksDbStore> store)
    : clock_(clock),
      store_(std::move(store)),
      access_(config.access(), config.insecure(), config.data(),
              store_->access(), clock),
      sensors_(config.ingest(), store_->access(), access_.audit(), clock),
      enrolment_(config, sensors_, clock),
      events_(config.events(), *store_, store_->events(), clock),
      retention_(config.retention(), store_->retention(), store_->facts(),
                 store_->events(), access_.audit(), clock),
      hub_(store_->facts(), store_->events(), access_.kept_seal()),
      media_orders_(clock),
      correlator_(*store_, config.correlate(), clock, hub_, &media_orders_),
      pipeline_(config.ingest(), CALLBRAID_VERSION, *store_, sensors_,
                correlator_, clock, &media_orders_),
      alerts_(config,
              {*store_, pipeline_.sensors(), pipeline_.reports(),
               correlator_.clocks()},
              sensors_, store_->events(), clock),
      lookups_("lookup", kLookupThreads, kLookupQueue),
      streams_("stream", kStreamThreads, kStreamQueue),
      counts_("count", kCountThreads, kCountQueue),
      enrolments_("enrol", kEnrolThreads, kEnrolQueue),
      passwords_("password", kPasswordThreads, kPasswordQueue),
      listeners_(*store_, retention_, clock),
      uplink_service_(config.ingest(), config.insecure(), sensors_, pipeline_,
                      clock),
      call_service_(access_, *store_, hub_, lookups_, streams_, counts_,
                    listeners_, retention_, clock),
      sensor_service_(access_,
                      {*store_, pipeline_.sensors(), pipeline_.reports(),
                       correlator_.clocks()},
                      pipeline_.phones(), correlator_, sensors_, enrolment_,
                      lookups_, streams_, clock),
      access_service_(store_->facts(), access_, lookups_, passwords_),
      login_service_(access_, passwords_),
      completeness_service_(access_, *store_, counts_, clock),
      enrolment_service_(config.insecure(), access_, enrolment_, enrolments_) {}

Collector::~Collector() { Stop(); }

absl::Status Collector::Listen(const v1::CollectorConfig& config) {
  ASSIGN_OR_RETURN(const auto credentials,
                   ServerCredentials(config.tls(), config.insecure()));
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  grpc::ServerBuilder builder;
  SetChannelOptions(builder);
  int port = 0;
  builder.AddListeningPort(config.listen(), credentials, &port);
  builder.RegisterService(&uplink_service_);
  builder.RegisterService(&call_service_);
  builder.RegisterService(&sensor_service_);
  builder.RegisterService(&access_service_);
  builder.RegisterService(&login_service_);
  builder.RegisterService(&completeness_service_);
  builder.RegisterService(&enrolment_service_);
  pipeline_.Start();
  access_.Start();
  retention_.Start();
  server_ = builder.BuildAndStart();
  if (server_ == nullptr || port == 0) {
    return ExplainListenFailure(config.listen());
  }
  if (access_.Barred()) {
    spdlog::warn(
        "nobody may ask for calls: name a certificate (access.clients, "
        "--admin), or make a token (callbraid-collector create-token)");
  }
  address_ = absl::StrCat(config.listen().substr(0, config.listen().rfind(':')),
                          ":", port);
  return absl::OkStatus();
}

absl::Status Collector::ListenToBrowsers(const v1::CollectorConfig& config) {
  if (config.web().listen().empty()) return absl::OkStatus();
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  ASSIGN_OR_RETURN(
      web_, WebServer::Start(config, server_->InProcessChannel(arguments),
                             events_, retention_, alerts_, clock_));
  return absl::OkStatus();
}

void Collector::Stop() {
  if (server_ == nullptr) return;
  if (auto* health = server_->GetHealthCheckService(); health != nullptr) {
    health->SetServingStatus(false);
  }
  if (web_ != nullptr) web_->Refuse();
  retention_.Stop();
  hub_.Close();
  listeners_.Close();
  pipeline_.Stop();
  correlator_.Stop();
  alerts_.Stop();
  events_.Stop();
  server_->Shutdown(
      absl::ToChronoTime(absl::FromUnixNanos(clock_.WallNs()) + kGrace));
  // What it asked has been answered, or refused, by now.
  web_.reset();
  server_.reset();
  access_.Stop();
}

}  // namespace callbraid::collector
