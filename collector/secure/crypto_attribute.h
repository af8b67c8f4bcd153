#ifndef CALLBRAID_COLLECTOR_SECURE_CRYPTO_ATTRIBUTE_H_
#define CALLBRAID_COLLECTOR_SECURE_CRYPTO_ATTRIBUTE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace callbraid::collector {

// A crypto suite of SDES (RFC 4568, 6188, 7714), or by that name a protection
// profile of DTLS-SRTP (RFC 5764), that can be decrypted.
struct SrtpSuite {
  enum class Cipher { kAesCm, kAesGcm, kNull };
  std::string_view name;
  Cipher cipher;
  size_t key_bytes;
  size_t salt_bytes;
  size_t tag_bytes;
};

// Null if there is none of that name, F8_128_HMAC_SHA1_80 for one. Names are
// compared without case; the older AES_CM_256_... is AES_256_CM_...
const SrtpSuite* FindSuite(std::string_view name);

// Of a protection profile's number (RFC 5764, section 4.1.2); null if it cannot
// be decrypted.
const SrtpSuite* FindSuiteOfProfile(uint32_t profile);

// A secret: it must reach no log, message or file.
struct MasterKey {
  std::string key_and_salt;
  // Master key identifier as in the packets; empty without one.
  std::string mki;
  bool operator==(const MasterKey&) const = default;
};

// One a=crypto line (RFC 4568, section 9), or what DTLS agreed on in its place.
struct CryptoAttribute {
  uint32_t tag = 0;
  const SrtpSuite* suite = nullptr;
  // One or more; all have an MKI of the same length, or none has.
  std::vector<MasterKey> keys;
  bool unencrypted_srtp = false;
  bool unencrypted_srtcp = false;
  bool unauthenticated_srtp = false;
  bool operator==(const CryptoAttribute&) const = default;
};

// Reads what follows "a=crypto:". Nullopt if it makes no sense or cannot be
// used here: a suite that is not known, a key of the wrong size, a key
// derivation rate, a parameter that must be understood and is not (section
// 6.3). The lifetime is checked and else ignored: whoever listens need not
// enforce it.
std::optional<CryptoAttribute> ParseCryptoAttribute(std::string_view value);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_SECURE_CRYPTO_ATTRIBUTE_H_
