#include "collector/events/signature.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstdlib>
#include <string_view>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/absl_string.h"
#include "common/base/status_macros.h"
#include "common/pki/pem_file.h"

namespace callbraid::collector {
namespace {

constexpr size_t kMinBytes = 16;
constexpr size_t kMaxBytes = 1024;
constexpr std::string_view kBase64Prefix = "whsec_";

}  // namespace

absl::StatusOr<std::string> ReadWebhookSecret(const std::string& path) {
  ASSIGN_OR_RETURN(std::string secret, pki::ReadPemFile(path));
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) {
    secret.pop_back();
  }
  if (secret.compare(0, kBase64Prefix.size(), kBase64Prefix) == 0) {
    std::string decoded;
    if (!absl::Base64Unescape(secret.substr(kBase64Prefix.size()), &decoded)) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": what follows whsec_ is no base64"));
    }
    secret = std::move(decoded);
  }
  if (secret.size() < kMinBytes || secret.size() > kMaxBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": a secret has ", kMinBytes, " to ", kMaxBytes,
                     " bytes; make one with: openssl rand -hex 32"));
  }
  return secret;
}

std::string SignWebhook(const std::string& secret, const std::string& id,
                        int64_t timestamp_s, const std::string& body) {
  const std::string text = absl::StrCat(id, ".", timestamp_s, ".", body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac = {};
  unsigned size = 0;
  // OpenSSL without memory: nothing can go on.
  if (HMAC(EVP_sha256(), secret.data(), static_cast<int>(secret.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(),
           mac.data(), &size) == nullptr) {
    std::abort();
  }
  return absl::StrCat("v1,",
                      absl::Base64Escape(absl::string_view(
                          reinterpret_cast<const char*>(mac.data()), size)));
}

}  // namespace callbraid::collector
