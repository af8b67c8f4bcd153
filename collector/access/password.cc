#include "collector/access/password.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMinBytes = 10;
constexpr size_t kMaxBytes = 200;
constexpr size_t kSaltBytes = 16;
constexpr size_t kKeyBytes = 32;
constexpr uint64_t kN = 1 << 15;
constexpr uint32_t kR = 8;
constexpr uint32_t kP = 1;
// What a record may ask for: its costs were ours.
constexpr uint64_t kMaxMemory = uint64_t{64} << 20;

std::string Scrypt(std::string_view password, std::string_view salt, uint64_t n,
                   uint32_t r, uint32_t p) {
  std::array<unsigned char, kKeyBytes> key = {};
  if (EVP_PBE_scrypt(password.data(), password.size(),
                     reinterpret_cast<const unsigned char*>(salt.data()),
                     salt.size(), n, r, p, kMaxMemory, key.data(),
                     key.size()) != 1) {
    return "";
  }
  std::string text(key.begin(), key.end());
  OPENSSL_cleanse(key.data(), key.size());
  return text;
}

}  // namespace

absl::Status CheckPassword(std::string_view password, std::string_view name) {
  if (password.size() < kMinBytes || password.size() > kMaxBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "password: must have ", kMinBytes, " to ", kMaxBytes, " bytes"));
  }
  if (password == name) {
    return absl::InvalidArgumentError("password: must not be the name");
  }
  return absl::OkStatus();
}

void SetPassword(std::string_view password, store::v1::UserRecord& record) {
  std::string salt(kSaltBytes, '\0');
  // Without randomness there is nothing to go on with.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()),
                 static_cast<int>(salt.size())) != 1) {
    std::abort();
  }
  record.set_key(Scrypt(password, salt, kN, kR, kP));
  if (record.key().empty()) std::abort();
  record.set_salt(std::move(salt));
  record.set_n(kN);
  record.set_r(kR);
  record.set_p(kP);
}

bool IsPassword(std::string_view password,
                const store::v1::UserRecord& record) {
  const bool is_user = record.key().size() == kKeyBytes;
  const std::string salt =
      is_user ? record.salt() : std::string(kSaltBytes, '\0');
  const std::string key =
      Scrypt(password, salt, is_user ? record.n() : kN,
             is_user ? record.r() : kR, is_user ? record.p() : kP);
  return is_user && key.size() == kKeyBytes &&
         CRYPTO_memcmp(key.data(), record.key().data(), kKeyBytes) == 0;
}

}  // namespace callbraid::collector
