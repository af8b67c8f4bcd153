#include "sensor/tls/key_schedule.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>
#include <string>

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

// struct HkdfLabel: length:16, label and context, each behind its size:8.
bool Expand(const char* hash, std::span<const uint8_t> secret,
            const std::string& label, std::span<const uint8_t> context,
            std::span<uint8_t> out) {
  std::string info(1, '\0');
  info += static_cast<char>(out.size());
  info += static_cast<char>(label.size());
  info += label;
  info += static_cast<char>(context.size());
  info.append(context.begin(), context.end());
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const std::array parameters = {
      Text(OSSL_KDF_PARAM_DIGEST, hash),
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      Bytes(OSSL_KDF_PARAM_KEY, secret),
      Bytes(OSSL_KDF_PARAM_INFO,
            {reinterpret_cast<const uint8_t*>(info.data()), info.size()}),
      OSSL_PARAM_construct_end()};
  return Derive("HKDF", parameters.data(), out);
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
  return Expand(hash, secret.bytes(), std::string("tls13 ") + label, {}, out);
}

bool ExportFromSecret(const char* hash, const char* prefix,
                      const Secret& exporter_secret, const char* label,
                      std::span<uint8_t> out) {
  std::array<uint8_t, EVP_MAX_MD_SIZE> of_nothing;
  size_t size = 0;
  if (EVP_Q_digest(nullptr, hash, nullptr, "", 0, of_nothing.data(), &size) !=
      1) {
    return false;
  }
  const auto context = std::span(of_nothing).first(size);
  Secret derived;
  derived.Resize(size);
  return Expand(hash, exporter_secret.bytes(), std::string(prefix) + label,
                context, derived.mutable_bytes()) &&
         Expand(hash, derived.bytes(), std::string(prefix) + "exporter",
                context, out);
}

}  // namespace callbraid::sensor
