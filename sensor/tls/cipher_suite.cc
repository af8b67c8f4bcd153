#include "sensor/tls/cipher_suite.h"

#include <algorithm>
#include <array>
#include <initializer_list>

#include "sensor/tls/handshake.h"

namespace callbraid::sensor {
namespace {

constexpr CipherSuite kAes128Gcm = {"AES-128-GCM", "SHA256", 16, 16, 4, false};
constexpr CipherSuite kAes256Gcm = {"AES-256-GCM", "SHA384", 32, 16, 4, false};
constexpr CipherSuite kAes128Ccm = {"AES-128-CCM", "SHA256", 16, 16, 4, true};
constexpr CipherSuite kAes256Ccm = {"AES-256-CCM", "SHA256", 32, 16, 4, true};
constexpr CipherSuite kAes128Ccm8 = {"AES-128-CCM", "SHA256", 16, 8, 4, true};
constexpr CipherSuite kAes256Ccm8 = {"AES-256-CCM", "SHA256", 32, 8, 4, true};
constexpr CipherSuite kChaCha20 = {
    "ChaCha20-Poly1305", "SHA256", 32, 16, 12, false};
constexpr CipherSuite kAes128Sha1 = {"AES-128-CBC", "SHA256", 16, 20, 0,
                                     false,         "SHA1"};
constexpr CipherSuite kAes256Sha1 = {"AES-256-CBC", "SHA256", 32, 20, 0,
                                     false,         "SHA1"};
constexpr CipherSuite kAes128Sha256 = {"AES-128-CBC", "SHA256", 16, 32, 0,
                                       false,         "SHA256"};
constexpr CipherSuite kAes256Sha256 = {"AES-256-CBC", "SHA256", 32, 32, 0,
                                       false,         "SHA256"};
constexpr CipherSuite kAes256Sha384 = {"AES-256-CBC", "SHA384", 32, 48, 0,
                                       false,         "SHA384"};

bool Contains(std::initializer_list<uint16_t> numbers, uint16_t number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

// RFC 8446, appendix B.4.
const CipherSuite* FindTls13(uint16_t number) {
  static constexpr std::array kSuites = {&kAes128Gcm, &kAes256Gcm, &kChaCha20,
                                         &kAes128Ccm, &kAes128Ccm8};
  const size_t index = size_t{number} - 0x1301;
  return index < kSuites.size() ? kSuites[index] : nullptr;
}

// Whatever key exchange they have: the master secret is the same kind of thing.
const CipherSuite* FindTls12(uint16_t number) {
  // RFC 5288, 5289, 5487 and 8442.
  if (Contains({0x009c, 0x009e, 0x00a0, 0x00a2, 0x00a4, 0x00a6, 0x00a8, 0x00aa,
                0x00ac, 0xc02b, 0xc02d, 0xc02f, 0xc031, 0xd001},
               number)) {
    return &kAes128Gcm;
  }
  if (Contains({0x009d, 0x009f, 0x00a1, 0x00a3, 0x00a5, 0x00a7, 0x00a9, 0x00ab,
                0x00ad, 0xc02c, 0xc02e, 0xc030, 0xc032, 0xd002},
               number)) {
    return &kAes256Gcm;
  }
  // RFC 7905.
  if (number >= 0xcca8 && number <= 0xccae) return &kChaCha20;
  // RFC 6655 and 7251.
  if (Contains({0xc09c, 0xc09e, 0xc0a4, 0xc0a6, 0xc0ac, 0xd005}, number)) {
    return &kAes128Ccm;
  }
  if (Contains({0xc09d, 0xc09f, 0xc0a5, 0xc0a7, 0xc0ad}, number)) {
    return &kAes256Ccm;
  }
  if (Contains({0xc0a0, 0xc0a2, 0xc0a8, 0xc0aa, 0xc0ae, 0xd003}, number)) {
    return &kAes128Ccm8;
  }
  if (Contains({0xc0a1, 0xc0a3, 0xc0a9, 0xc0ab, 0xc0af}, number)) {
    return &kAes256Ccm8;
  }
  // RFC 5246, 8422 and 5289: of RSA, DHE and ECDHE; RFC 4279, 5487 and 5489: of
  // PSK; RFC 5054: of SRP.
  if (Contains({0x002f, 0x0030, 0x0031, 0x0032, 0x0033, 0x0034, 0x008c, 0x0090,
                0x0094, 0xc004, 0xc009, 0xc00e, 0xc013, 0xc018, 0xc01d, 0xc01e,
                0xc01f, 0xc035},
               number)) {
    return &kAes128Sha1;
  }
  if (Contains({0x0035, 0x0036, 0x0037, 0x0038, 0x0039, 0x003a, 0x008d, 0x0091,
                0x0095, 0xc005, 0xc00a, 0xc00f, 0xc014, 0xc019, 0xc020, 0xc021,
                0xc022, 0xc036},
               number)) {
    return &kAes256Sha1;
  }
  if (Contains({0x003c, 0x003e, 0x003f, 0x0040, 0x0067, 0x006c, 0x00ae, 0x00b2,
                0x00b6, 0xc023, 0xc025, 0xc027, 0xc029, 0xc037},
               number)) {
    return &kAes128Sha256;
  }
  if (Contains({0x003d, 0x0068, 0x0069, 0x006a, 0x006b, 0x006d}, number)) {
    return &kAes256Sha256;
  }
  if (Contains({0x00af, 0x00b3, 0x00b7, 0xc024, 0xc026, 0xc028, 0xc02a, 0xc038},
               number)) {
    return &kAes256Sha384;
  }
  return nullptr;
}

}  // namespace

const CipherSuite* FindCipherSuite(uint16_t version, uint16_t number) {
  if (version == kTls13) return FindTls13(number);
  if (version == kTls12) return FindTls12(number);
  return nullptr;
}

}  // namespace callbraid::sensor
