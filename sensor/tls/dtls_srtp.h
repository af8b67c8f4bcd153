#ifndef CALLBRAID_SENSOR_TLS_DTLS_SRTP_H_
#define CALLBRAID_SENSOR_TLS_DTLS_SRTP_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "sensor/tls/dtls_hello.h"
#include "sensor/tls/secret.h"
#include "sensor/tls/tls_keys.h"

namespace callbraid::sensor {

// SRTP protection profile (RFC 5764, section 4.1.2; RFC 7714, section 14.2).
struct SrtpProfile {
  uint16_t number = 0;
  size_t key_bytes = 0;
  size_t salt_bytes = 0;
};

// Null of those that are not read: ARIA, and doubled AES-GCM (RFC 8723).
const SrtpProfile* FindSrtpProfile(uint16_t number);

// Master keys of SRTP, each with its salt behind it.
struct SrtpWriteKeys {
  Secret client;
  Secret server;
};

// The keys that a handshake agreed on for `profile` (RFC 5764, section 4.2).
// Nullopt if `secrets` lacks what its version needs.
std::optional<SrtpWriteKeys> DeriveSrtpKeys(const DtlsClientHello& client,
                                            const DtlsServerHello& server,
                                            const SrtpProfile& profile,
                                            const TlsSecrets& secrets);

// The hash of the PRF, or of HKDF, as OpenSSL names it, that DTLS of this
// version uses with the cipher suite.
const char* PrfHashOf(uint16_t dtls_version, uint16_t cipher_suite);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_DTLS_SRTP_H_
