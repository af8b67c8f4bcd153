#include "collector/ingest/uplink_service.h"

#include <algorithm>
#include <utility>

#include "collector/ingest/uplink_connection.h"
#include "grpc/grpc_security_constants.h"

namespace callbraid::collector {
namespace {

constexpr uint32_t kDefaultMaxSensors = 1000;
constexpr uint32_t kDefaultWindowMib = 8;
// Besides the sensors that are connected: those about to be refused.
constexpr uint32_t kSpareConnections = 64;

bool HasProperty(const grpc::AuthContext& peer, const char* name,
                 const std::string& value) {
  const auto values = peer.FindPropertyValues(name);
  return std::any_of(values.begin(), values.end(),
                     [&value](const grpc::string_ref& found) {
                       return found == grpc::string_ref(value);
                     });
}

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

}  // namespace

bool CertificateIsFor(const grpc::AuthContext& peer,
                      const std::string& sensor_id) {
  if (!peer.IsPeerAuthenticated()) return false;
  if (HasProperty(peer, GRPC_X509_CN_PROPERTY_NAME, sensor_id)) return true;
  for (const char* prefix :
       {"spiffe://callbraid/sensor/", "urn:callbraid:sensor:"}) {
    const std::string uri = prefix + sensor_id;
    for (const char* name :
         {GRPC_PEER_URI_PROPERTY_NAME, GRPC_PEER_SPIFFE_ID_PROPERTY_NAME,
          GRPC_X509_SAN_PROPERTY_NAME}) {
      if (HasProperty(peer, name, uri)) return true;
    }
  }
  return false;
}

UplinkService::UplinkService(const v1::IngestConfig& config, bool insecure,
                             UplinkSink& sink, const Clock& clock)
    : max_connections_((config.max_sensors() == 0 ? kDefaultMaxSensors
                                                  : config.max_sensors()) +
                       kSpareConnections),
      window_bytes_(size_t{config.window_mib() == 0 ? kDefaultWindowMib
                                                    : config.window_mib()}
                    << 20),
      insecure_(insecure),
      sink_(sink),
      clock_(clock) {}

grpc::ServerBidiReactor<v1::ConnectRequest, v1::ConnectResponse>*
UplinkService::Connect(grpc::CallbackServerContext* context) {
  const bool full = ++connections_ > max_connections_;
  UplinkConnection::Settings settings{
      sink_, clock_, window_bytes_,
      // The context lives as long as the reactions.
      [this, context](const std::string& sensor_id) {
        return insecure_ ||
               CertificateIsFor(*context->auth_context(), sensor_id);
      },
      [this] { --connections_; }};
  return UplinkConnection::Start(
      std::move(settings), AddressOf(*context),
      full ? absl::ResourceExhaustedError("too many connections")
           : absl::OkStatus());
}

}  // namespace callbraid::collector
