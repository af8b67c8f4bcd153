#ifndef CALLBRAID_SENSOR_TLS_CIPHER_SUITE_H_
#define CALLBRAID_SENSOR_TLS_CIPHER_SUITE_H_

#include <cstddef>
#include <cstdint>

namespace callbraid::sensor {

// How the records of a cipher suite are protected: by an AEAD algorithm (RFC
// 5116), or by AES-CBC and an HMAC.
struct CipherSuite {
  // Names of OpenSSL.
  const char* cipher = nullptr;
  const char* hash = nullptr;
  size_t key_bytes = 0;
  // Of an HMAC as many as its key.
  size_t tag_bytes = 0;
  // Bytes of a nonce that TLS 1.2 derives from the handshake; the rest of 12
  // comes with each record.
  size_t fixed_iv_bytes = 0;
  bool is_ccm = false;
  // The hash of the HMAC; null of AEAD.
  const char* mac = nullptr;
};

// The suite of a number that is used with `version` (0x0303, 0x0304). Null of
// those that are not read: ARIA, Camellia, 3DES, RC4, and any of TLS 1.1 and
// before.
const CipherSuite* FindCipherSuite(uint16_t version, uint16_t number);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_CIPHER_SUITE_H_
