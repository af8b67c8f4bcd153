#include "collector/access/certificate.h"

#include <algorithm>
#include <string_view>

#include "grpc/grpc_security_constants.h"

namespace callbraid::collector {
namespace {

constexpr std::string_view kUser = "spiffe://callbraid/user/";
constexpr std::string_view kSensors[] = {"spiffe://callbraid/sensor/",
                                         "urn:callbraid:sensor:"};

std::vector<std::string> Values(const grpc::AuthContext& peer,
                                const char* property) {
  std::vector<std::string> values;
  for (const grpc::string_ref& value : peer.FindPropertyValues(property)) {
    values.emplace_back(value.data(), value.size());
  }
  return values;
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Certificate CertificateOf(const grpc::AuthContext& peer) {
  Certificate certificate;
  if (!peer.IsPeerAuthenticated()) return certificate;
  certificate.common_names = Values(peer, GRPC_X509_CN_PROPERTY_NAME);
  for (const std::string& uri : Values(peer, GRPC_PEER_URI_PROPERTY_NAME)) {
    const auto add_if = [&uri](std::string_view prefix,
                               std::vector<std::string>& names) {
      if (uri.size() > prefix.size() &&
          uri.compare(0, prefix.size(), prefix) == 0) {
        names.push_back(uri.substr(prefix.size()));
      }
    };
    add_if(kUser, certificate.users);
    for (const std::string_view prefix : kSensors) {
      add_if(prefix, certificate.sensors);
    }
  }
  return certificate;
}

pki::Validity ValidityOf(const grpc::AuthContext& peer) {
  const std::vector<std::string> pem =
      Values(peer, GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (pem.empty()) return {0, 0};
  const auto certificates = pki::ParseCertificates(pem.front());
  return certificates.ok() ? pki::ValidityOf(*certificates->front())
                           : pki::Validity{0, 0};
}

std::string UserOf(const Certificate& certificate, const IsClient& is_client) {
  if (!certificate.sensors.empty()) return "";
  if (!certificate.users.empty()) {
    return certificate.users.size() == 1 ? certificate.users.front() : "";
  }
  return certificate.common_names.size() == 1 &&
                 is_client(certificate.common_names.front())
             ? certificate.common_names.front()
             : "";
}

bool IsSensors(const Certificate& certificate) {
  return certificate.users.empty() && !certificate.sensors.empty();
}

bool IsForSensor(const Certificate& certificate, const std::string& sensor_id) {
  return IsSensors(certificate) && Contains(certificate.sensors, sensor_id);
}

}  // namespace callbraid::collector
