#include "collector/access/page_seal.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "absl/strings/escaping.h"

namespace callbraid::collector {
namespace {

// Sealed token, in web-safe base64:
//   nonce:12 ciphertext tag:16
constexpr int kNonceBytes = 12;
constexpr int kTagBytes = 16;
constexpr size_t kMaxTokenBytes = 1024;

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Context NewContext() { return {EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free}; }

const uint8_t* Bytes(const std::string& text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}
uint8_t* Bytes(std::string& text) {
  return reinterpret_cast<uint8_t*>(text.data());
}

// OpenSSL without random numbers or memory: nothing can go on.
void Must(bool done) {
  if (!done) std::abort();
}

}  // namespace

PageSeal::PageSeal() {
  Must(RAND_bytes(key_.data(), static_cast<int>(key_.size())) == 1);
}

PageSeal::PageSeal(const std::string& key) : PageSeal() {
  if (key.size() == kKeyBytes) std::copy(key.begin(), key.end(), key_.begin());
}

std::string PageSeal::Seal(const std::string& token,
                           const std::string& purpose) const {
  if (token.empty()) return "";
  const int size = static_cast<int>(token.size());
  std::string sealed(kNonceBytes + token.size() + kTagBytes, '\0');
  uint8_t* const nonce = Bytes(sealed);
  uint8_t* const cipher = nonce + kNonceBytes;
  const Context context = NewContext();
  int written = 0;
  Must(RAND_bytes(nonce, kNonceBytes) == 1 &&
       EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr,
                          key_.data(), nonce) == 1 &&
       EVP_EncryptUpdate(context.get(), nullptr, &written, Bytes(purpose),
                         static_cast<int>(purpose.size())) == 1 &&
       EVP_EncryptUpdate(context.get(), cipher, &written, Bytes(token), size) ==
           1 &&
       EVP_EncryptFinal_ex(context.get(), cipher + size, &written) == 1 &&
       EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes,
                           cipher + size) == 1);
  return absl::WebSafeBase64Escape(sealed);
}

absl::StatusOr<std::string> PageSeal::Open(const std::string& sealed,
                                           const std::string& purpose) const {
  if (sealed.empty()) return std::string();
  const absl::Status refusal = absl::InvalidArgumentError(
      "page_token: not one that this collector gave out since it started; "
      "start "
      "again from the first page");
  std::string bytes;
  if (sealed.size() > kMaxTokenBytes ||
      !absl::WebSafeBase64Unescape(sealed, &bytes) ||
      bytes.size() <= kNonceBytes + kTagBytes) {
    return refusal;
  }
  std::string token(bytes.size() - kNonceBytes - kTagBytes, '\0');
  const int size = static_cast<int>(token.size());
  uint8_t* const nonce = Bytes(bytes);
  uint8_t* const cipher = nonce + kNonceBytes;
  const Context context = NewContext();
  int written = 0;
  if (EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key_.data(),
                         nonce) != 1 ||
      EVP_DecryptUpdate(context.get(), nullptr, &written, Bytes(purpose),
                        static_cast<int>(purpose.size())) != 1 ||
      EVP_DecryptUpdate(context.get(), Bytes(token), &written, cipher, size) !=
          1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes,
                          cipher + size) != 1 ||
      EVP_DecryptFinal_ex(context.get(), Bytes(token) + size, &written) != 1) {
    return refusal;
  }
  return token;
}

}  // namespace callbraid::collector
