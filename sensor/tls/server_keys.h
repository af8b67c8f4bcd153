#ifndef CALLBRAID_SENSOR_TLS_SERVER_KEYS_H_
#define CALLBRAID_SENSOR_TLS_SERVER_KEYS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/pki/openssl.h"
#include "sensor/tls/secret.h"

namespace callbraid::sensor {

// Private RSA keys of servers. Where client and server agree on RSA for the
// exchange of keys (RFC 5246, section 7.4.7.1), which has no forward secrecy,
// they are enough to read the connection.
//
// Not changed once they are loaded: then from any thread.
class ServerKeys {
 public:
  // Adds the key of a PEM file. NOT_FOUND, INVALID_ARGUMENT: in words.
  absl::Status Load(const std::string& path);

  bool empty() const { return keys_.empty(); }

  // That of a certificate (DER); null if it is none of these.
  const EVP_PKEY* Find(std::span<const uint8_t> certificate) const;

 private:
  std::vector<pki::KeyPtr> keys_;
};

// What a client encrypted for `key`: the secret before the master secret.
// Nullopt if that is none.
std::optional<Secret> DecryptPreMaster(const EVP_PKEY& key,
                                       std::span<const uint8_t> encrypted);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_SERVER_KEYS_H_
