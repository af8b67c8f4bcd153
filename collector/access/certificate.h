#ifndef CALLBRAID_COLLECTOR_ACCESS_CERTIFICATE_H_
#define CALLBRAID_COLLECTOR_ACCESS_CERTIFICATE_H_

#include <functional>
#include <string>
#include <vector>

#include "common/pki/certificate.h"
#include "grpcpp/grpcpp.h"

namespace callbraid::collector {

// Names in the certificate that a peer showed and that was verified. All empty
// where there was none.
struct Certificate {
  // NAME of spiffe://callbraid/user/NAME.
  std::vector<std::string> users;
  // ID of spiffe://callbraid/sensor/ID and urn:callbraid:sensor:ID.
  std::vector<std::string> sensors;
  std::vector<std::string> common_names;

  bool none() const {
    return users.empty() && sensors.empty() && common_names.empty();
  }
};

Certificate CertificateOf(const grpc::AuthContext& peer);

// When it holds; never, if there is none.
pki::Validity ValidityOf(const grpc::AuthContext& peer);

// Whether a client of this name is in the configuration.
using IsClient = std::function<bool(const std::string&)>;

// A certificate is a user's or a sensor's, never both. A sensor's says so by
// URI; a user's by URI, or by a common name alone that is in the configuration.
//
// The user's name; "" if it is no user's, or names more than one.
std::string UserOf(const Certificate& certificate, const IsClient& is_client);
// Whether it is a sensor's at all, and whether of this one.
bool IsSensors(const Certificate& certificate);
bool IsForSensor(const Certificate& certificate, const std::string& sensor_id);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_CERTIFICATE_H_
