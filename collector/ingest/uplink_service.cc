#include "collector/ingest/uplink_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "collector/access/peer.h"
#include "collector/ingest/uplink_connection.h"

namespace callbraid::collector {
namespace {

constexpr uint32_t kDefaultMaxSensors = 1000;
constexpr uint32_t kDefaultWindowMib = 8;
// Besides the sensors that are connected: those about to be refused.
constexpr uint32_t kSpareConnections = 64;

// Refusals for what the certificate says are counted by this.
constexpr const char* kCertificate = "certificate";

// One that was cut off may still be there when the next one comes.
constexpr uint32_t kConnectionsOfOne = 4;
constexpr uint32_t kHellosPerMinute = 120;
constexpr size_t kMaxNames = 4096;

}  // namespace

UplinkService::UplinkService(const v1::IngestConfig& config, bool insecure,
                             const SensorGate& gate, UplinkSink& sink,
                             const Clock& clock)
    : max_connections_((config.max_sensors() == 0 ? kDefaultMaxSensors
                                                  : config.max_sensors()) +
                       kSpareConnections),
      window_bytes_(size_t{config.window_mib() == 0 ? kDefaultWindowMib
                                                    : config.window_mib()}
                    << 20),
      insecure_(insecure),
      gate_(gate),
      sink_(sink),
      clock_(clock),
      hellos_(kHellosPerMinute, kMaxNames, clock) {}

std::optional<SensorRefusal> UplinkService::CheckCertificate(
    const Certificate& certificate) const {
  if (insecure_ || IsSensors(certificate)) return std::nullopt;
  if (certificate.none()) {
    return SensorRefusal{
        kCertificate,
        absl::UnauthenticatedError("a sensor must show its certificate")};
  }
  return SensorRefusal{
      kCertificate,
      absl::PermissionDeniedError(
          "the certificate is not a sensor's: it must have the URI "
          "spiffe://callbraid/sensor/ID, and no user's")};
}

std::optional<SensorRefusal> UplinkService::CheckHello(
    const Certificate& certificate, const pki::Validity& validity,
    const v1::Hello& hello) {
  if (!insecure_ && !IsForSensor(certificate, hello.sensor_id())) {
    return SensorRefusal{
        kCertificate,
        absl::PermissionDeniedError(absl::StrCat(
            "the certificate is not for sensor '",
            hello.sensor_id().substr(0, 64),
            "': it must have the URI spiffe://callbraid/sensor/ID"))};
  }
  if (!hellos_.Take(hello.sensor_id().substr(0, 64))) {
    return SensorRefusal{"too_many",
                         absl::ResourceExhaustedError(
                             "this sensor connects too often; wait a minute")};
  }
  // Asked again when its turn comes; here so that who is not let in can send
  // nothing more.
  return gate_.Check(hello, validity);
}

std::optional<SensorRefusal> UplinkService::TakePlace(const std::string& name) {
  MutexLock lock(mutex_);
  const auto held = connections_.find(name);
  // In plaintext all have the same name: none.
  if (!name.empty() && held != connections_.end() &&
      held->second >= kConnectionsOfOne) {
    return SensorRefusal{"too_many",
                         absl::ResourceExhaustedError(absl::StrCat(
                             "there are ", kConnectionsOfOne,
                             " connections with the certificate of ", name))};
  }
  if (all_connections_ >= max_connections_) {
    return SensorRefusal{"too_many",
                         absl::ResourceExhaustedError("too many connections")};
  }
  ++connections_[name];
  ++all_connections_;
  return std::nullopt;
}

void UplinkService::GivePlaceBack(const std::string& name) {
  MutexLock lock(mutex_);
  if (--connections_[name] == 0) connections_.erase(name);
  --all_connections_;
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*
UplinkService::Connect(grpc::CallbackServerContext* context) {
  Certificate certificate;
  pki::Validity validity;
  if (!insecure_) {
    certificate = CertificateOf(*context->auth_context());
    validity = ValidityOf(*context->auth_context());
  }
  const std::string name =
      certificate.sensors.empty() ? "" : certificate.sensors.front();
  // Who is no sensor takes no place away from one.
  std::optional<SensorRefusal> refusal = CheckCertificate(certificate);
  if (!refusal) refusal = TakePlace(name);
  const bool has_place = !refusal;
  UplinkConnection::Settings settings{
      sink_,
      clock_,
      window_bytes_,
      [this, certificate = std::move(certificate),
       validity](const v1::Hello& hello) {
        return CheckHello(certificate, validity, hello);
      },
      validity,
      [context] { context->TryCancel(); },
      [this, name, has_place] {
        if (has_place) GivePlaceBack(name);
      }};
  return UplinkConnection::Start(
      std::move(settings), EndpointOfPeer(context->peer()), std::move(refusal));
}

}  // namespace callbraid::collector
