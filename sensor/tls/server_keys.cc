#include "sensor/tls/server_keys.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"

namespace callbraid::sensor {
namespace {

// RFC 5246, section 7.4.7.1: version:2 random:46.
constexpr size_t kPreMasterBytes = 48;

using File = std::unique_ptr<std::FILE, pki::Freed<std::fclose>>;
using KeyContextPtr =
    std::unique_ptr<EVP_PKEY_CTX, pki::Freed<EVP_PKEY_CTX_free>>;

}  // namespace

absl::Status ServerKeys::Load(const std::string& path) {
  const File file(std::fopen(path.c_str(), "re"));
  if (file == nullptr) {
    return absl::NotFoundError(
        absl::StrCat("decrypt.server_keys: ", path, ": ", strerror(errno)));
  }
  // An empty password, or OpenSSL would ask for one.
  pki::KeyPtr key(
      PEM_read_PrivateKey(file.get(), nullptr, nullptr, const_cast<char*>("")));
  ERR_clear_error();
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return absl::InvalidArgumentError(absl::StrCat(
        "decrypt.server_keys: ", path,
        " holds no RSA key in PEM form without a password; with any other key "
        "only a key log helps (decrypt.key_logs)"));
  }
  keys_.push_back(std::move(key));
  return absl::OkStatus();
}

const EVP_PKEY* ServerKeys::Find(std::span<const uint8_t> certificate) const {
  const uint8_t* der = certificate.data();
  const pki::X509Ptr parsed(
      d2i_X509(nullptr, &der, static_cast<long>(certificate.size())));
  const EVP_PKEY* found = nullptr;
  if (const EVP_PKEY* of =
          parsed == nullptr ? nullptr : X509_get0_pubkey(parsed.get())) {
    for (const pki::KeyPtr& key : keys_) {
      if (EVP_PKEY_eq(of, key.get()) == 1) found = key.get();
    }
  }
  ERR_clear_error();
  return found;
}

std::optional<Secret> DecryptPreMaster(const EVP_PKEY& key,
                                       std::span<const uint8_t> encrypted) {
  // OpenSSL counts who uses it, and changes nothing.
  const KeyContextPtr context(
      EVP_PKEY_CTX_new(const_cast<EVP_PKEY*>(&key), nullptr));
  std::vector<uint8_t> plain(static_cast<size_t>(EVP_PKEY_get_size(&key)));
  size_t size = plain.size();
  const bool decrypted =
      context != nullptr && EVP_PKEY_decrypt_init(context.get()) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
      EVP_PKEY_decrypt(context.get(), plain.data(), &size, encrypted.data(),
                       encrypted.size()) == 1;
  ERR_clear_error();
  std::optional<Secret> secret;
  if (decrypted && size == kPreMasterBytes && plain[0] == 3) {
    secret.emplace(std::span<const uint8_t>(plain).first(size));
  }
  OPENSSL_cleanse(plain.data(), plain.size());
  return secret;
}

}  // namespace callbraid::sensor
