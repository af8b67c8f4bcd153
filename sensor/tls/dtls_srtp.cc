#include "sensor/tls/dtls_srtp.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>

#include "sensor/tls/key_schedule.h"

namespace callbraid::sensor {
namespace {

constexpr char kLabel[] = "EXTRACTOR-dtls_srtp";

// The NULL ciphers have key and salt as libsrtp wants them: their tags are made
// with a key derived from these.
constexpr std::array<SrtpProfile, 6> kProfiles = {{
    {0x0001, 16, 14},  // SRTP_AES128_CM_HMAC_SHA1_80
    {0x0002, 16, 14},  // SRTP_AES128_CM_HMAC_SHA1_32
    {0x0005, 16, 14},  // SRTP_NULL_HMAC_SHA1_80
    {0x0006, 16, 14},  // SRTP_NULL_HMAC_SHA1_32
    {0x0007, 16, 12},  // SRTP_AEAD_AES_128_GCM
    {0x0008, 32, 12},  // SRTP_AEAD_AES_256_GCM
}};
constexpr size_t kMaxMaterialBytes = 2 * (32 + 14);

// As IANA numbers them, those of a kind alternate.
bool UsesSha384(uint16_t suite) {
  const bool is_odd = suite % 2 == 1;
  return (suite >= 0x009c && suite <= 0x00b9 && is_odd) ||
         (suite >= 0xc023 && suite <= 0xc032 && !is_odd) || suite == 0xc038 ||
         suite == 0xc03b || (suite >= 0xc03c && suite <= 0xc09b && is_odd) ||
         suite == 0xd002 || suite == 0x1302;
}

bool Export(const DtlsClientHello& client, const DtlsServerHello& server,
            const TlsSecrets& secrets, std::span<uint8_t> out) {
  const char* hash = PrfHashOf(server.version, server.cipher_suite);
  if (server.version == kDtls13) {
    return !secrets.exporter.empty() &&
           ExportFromSecret(hash, "dtls13", secrets.exporter, kLabel, out);
  }
  if (secrets.master.empty()) return false;
  // RFC 5705, section 4, without a context.
  std::string seed = kLabel;
  seed.append(client.random.begin(), client.random.end());
  seed.append(server.random.begin(), server.random.end());
  return Tls12Prf(hash, secrets.master,
                  {reinterpret_cast<const uint8_t*>(seed.data()), seed.size()},
                  out);
}

}  // namespace

const SrtpProfile* FindSrtpProfile(uint16_t number) {
  const auto* found = std::find_if(
      kProfiles.begin(), kProfiles.end(),
      [number](const SrtpProfile& known) { return known.number == number; });
  return found == kProfiles.end() ? nullptr : found;
}

const char* PrfHashOf(uint16_t dtls_version, uint16_t cipher_suite) {
  if (dtls_version == kDtls10) return "MD5-SHA1";
  return UsesSha384(cipher_suite) ? "SHA384" : "SHA256";
}

std::optional<SrtpWriteKeys> DeriveSrtpKeys(const DtlsClientHello& client,
                                            const DtlsServerHello& server,
                                            const SrtpProfile& profile,
                                            const TlsSecrets& secrets) {
  std::array<uint8_t, kMaxMaterialBytes> bytes;
  const auto material =
      std::span(bytes).first(2 * (profile.key_bytes + profile.salt_bytes));
  std::optional<SrtpWriteKeys> keys;
  if (Export(client, server, secrets, material)) {
    // client key, server key, client salt, server salt.
    const size_t salts = 2 * profile.key_bytes;
    const auto put = [&](size_t side, Secret& secret) {
      secret.Resize(profile.key_bytes + profile.salt_bytes);
      const auto to = secret.mutable_bytes();
      const auto key =
          material.subspan(side * profile.key_bytes, profile.key_bytes);
      const auto salt = material.subspan(salts + side * profile.salt_bytes,
                                         profile.salt_bytes);
      std::copy(key.begin(), key.end(), to.begin());
      std::copy(salt.begin(), salt.end(),
                to.begin() + static_cast<ptrdiff_t>(profile.key_bytes));
    };
    keys.emplace();
    put(0, keys->client);
    put(1, keys->server);
  }
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return keys;
}

}  // namespace callbraid::sensor
