#include "sensor/tls/key_schedule.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <cstring>

namespace callbraid::sensor {
namespace {

OSSL_PARAM Text(const char* name, const char* text) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(text), 0);
}

// OpenSSL does not write to it.
OSSL_PARAM Bytes(const char* name, std::span<const uint8_t> bytes) {
  return OSSL_PARAM_construct_octet_string(
      name, const_cast<uint8_t*>(bytes.data()), bytes.size());
}

bool Derive(const char* function, const OSSL_PARAM* parameters,
            std::span<uint8_t> out) {
  EVP_KDF* kdf = EVP_KDF_fetch(nullptr, function, nullptr);
  EVP_KDF_CTX* context = EVP_KDF_CTX_new(kdf);
  const bool derived =
      context != nullptr &&
      EVP_KDF_derive(context, out.data(), out.size(), parameters) == 1;
  EVP_KDF_CTX_free(context);
  EVP_KDF_free(kdf);
  return derived;
}

}  // namespace

bool Tls12Prf(const char* hash, const Secret& secret,
              std::span<const uint8_t> seed, std::span<uint8_t> out) {
  const std::array parameters = {Text(OSSL_KDF_PARAM_DIGEST, hash),
                                 Bytes(OSSL_KDF_PARAM_SECRET, secret.bytes()),
                                 Bytes(OSSL_KDF_PARAM_SEED, seed),
                                 OSSL_PARAM_construct_end()};
  return Derive("TLS1-PRF", parameters.data(), out);
}

bool ExpandLabel(const char* hash, const Secret& secret, const char* label,
                 std::span<uint8_t> out) {
  // struct HkdfLabel: length:16, "tls13 " and the label, no context.
  std::array<uint8_t, 64> info = {};
  const size_t label_size = 6 + std::strlen(label);
  info[1] = static_cast<uint8_t>(out.size());
  info[2] = static_cast<uint8_t>(label_size);
  std::memcpy(&info[3], "tls13 ", 6);
  std::memcpy(&info[9], label, label_size - 6);
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const std::array parameters = {
      Text(OSSL_KDF_PARAM_DIGEST, hash),
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      Bytes(OSSL_KDF_PARAM_KEY, secret.bytes()),
      Bytes(OSSL_KDF_PARAM_INFO, std::span(info).first(3 + label_size + 1)),
      OSSL_PARAM_construct_end()};
  return Derive("HKDF", parameters.data(), out);
}

}  // namespace callbraid::sensor
