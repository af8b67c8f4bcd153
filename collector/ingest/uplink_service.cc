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

// gRPC says "ipv4:10.0.0.1:4700", with brackets percent-encoded in IPv6.
std::string AddressOf(const grpc::CallbackServerContext& context) {
  std::string peer = context.peer();
  for (const char* family : {"ipv4:", "ipv6:"}) {
    if (peer.rfind(family, 0) == 0) peer.erase(0, 5);
  }
  for (const auto& [code, character] :
       {std::pair("%5B", "["), std::pair("%5D", "]")}) {
    const size_t at = peer.find(code);
    if (at != std::string::npos) peer.replace(at, 3, character);
  }
  return peer;
}

// Refusals for what the certificate says are counted by this.
constexpr const char* kCertificate = "certificate";

absl::Status CheckName(const Certificate& certificate,
                       const std::string& sensor_id,
                       const IsClient& is_client) {
  if (IsForSensor(certificate, sensor_id, is_client)) return absl::OkStatus();
  const std::string id = sensor_id.substr(0, 64);
  return absl::PermissionDeniedError(absl::StrCat(
      "the certificate is not for sensor '", id,
      "': it must have the URI spiffe://callbraid/sensor/ID, or as the only "
      "name the common name ID"));
}

}  // namespace

UplinkService::UplinkService(const v1::IngestConfig& config, bool insecure,
                             IsClient is_client, UplinkSink& sink,
                             const Clock& clock)
    : max_connections_((config.max_sensors() == 0 ? kDefaultMaxSensors
                                                  : config.max_sensors()) +
                       kSpareConnections),
      window_bytes_(size_t{config.window_mib() == 0 ? kDefaultWindowMib
                                                    : config.window_mib()}
                    << 20),
      insecure_(insecure),
      is_client_(std::move(is_client)),
      sink_(sink),
      clock_(clock) {}

std::optional<SensorRefusal> UplinkService::CheckCertificate(
    const grpc::CallbackServerContext& context) const {
  if (insecure_) return std::nullopt;
  const Certificate certificate = CertificateOf(*context.auth_context());
  if (certificate.none()) {
    return SensorRefusal{
        kCertificate,
        absl::UnauthenticatedError("a sensor must show its certificate")};
  }
  if (!IsSensors(certificate, is_client_)) {
    return SensorRefusal{kCertificate,
                         absl::PermissionDeniedError(
                             "the certificate is a user's; a sensor needs its "
                             "own")};
  }
  return std::nullopt;
}

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*
UplinkService::Connect(grpc::CallbackServerContext* context) {
  std::optional<SensorRefusal> refusal = CheckCertificate(*context);
  // Who is no sensor takes no place away from one.
  const bool counted = !refusal;
  if (counted && ++connections_ > max_connections_) {
    refusal = SensorRefusal{
        "too_many", absl::ResourceExhaustedError("too many connections")};
  }
  UplinkConnection::Settings settings{
      sink_, clock_, window_bytes_,
      // The context lives as long as the reactions.
      [this, context](const std::string& sensor_id) {
        return insecure_ ? absl::OkStatus()
                         : CheckName(CertificateOf(*context->auth_context()),
                                     sensor_id, is_client_);
      },
      insecure_ ? pki::Validity() : ValidityOf(*context->auth_context()),
      [this, counted] {
        if (counted) --connections_;
      }};
  return UplinkConnection::Start(std::move(settings), AddressOf(*context),
                                 std::move(refusal));
}

}  // namespace callbraid::collector
