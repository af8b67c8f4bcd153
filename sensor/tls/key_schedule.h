#ifndef CALLBRAID_SENSOR_TLS_KEY_SCHEDULE_H_
#define CALLBRAID_SENSOR_TLS_KEY_SCHEDULE_H_

#include <cstdint>
#include <span>

#include "sensor/tls/secret.h"

namespace callbraid::sensor {

// `hash` is a name of OpenSSL; all fill `out`, and return false if OpenSSL
// refuses.

// PRF of TLS 1.2 (RFC 5246, section 5); `seed` begins with its label.
bool Tls12Prf(const char* hash, const Secret& secret,
              std::span<const uint8_t> seed, std::span<uint8_t> out);

// HKDF-Expand-Label of TLS 1.3 with an empty context (RFC 8446, section 7.1).
bool ExpandLabel(const char* hash, const Secret& secret, const char* label,
                 std::span<uint8_t> out);

// TLS-Exporter of TLS 1.3 with an empty context (RFC 8446, section 7.5).
// `prefix` is "tls13 ", of DTLS 1.3 "dtls13" (RFC 9147, section 5.9).
bool ExportFromSecret(const char* hash, const char* prefix,
                      const Secret& exporter_secret, const char* label,
                      std::span<uint8_t> out);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_KEY_SCHEDULE_H_
