#include "common/pki/enrolment_token.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <cstdlib>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace callbraid::pki {
namespace {

constexpr char kVersion[] = "cbe1";
constexpr size_t kBytes = 32;
constexpr size_t kMaxIdBytes = 64;

std::string Encode(const std::string& bytes) {
  std::string text;
  absl::WebSafeBase64Escape(bytes, &text);
  return text;
}

}  // namespace

std::string NewSecret() {
  std::string secret(kBytes, '\0');
  // Without randomness there is nothing to go on with.
  if (RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()),
                 static_cast<int>(secret.size())) != 1) {
    std::abort();
  }
  return secret;
}

std::string HashOf(const std::string& secret) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

std::string ToText(const EnrolmentToken& token) {
  return absl::StrCat(kVersion, ":", token.sensor_id, ":",
                      Encode(token.authority), ":", Encode(token.secret));
}

absl::StatusOr<EnrolmentToken> ParseEnrolmentToken(const std::string& text) {
  const std::vector<std::string> parts =
      absl::StrSplit(absl::StripAsciiWhitespace(text), ':');
  EnrolmentToken token;
  if (parts.size() != 4 || parts[0] != kVersion || parts[1].empty() ||
      parts[1].size() > kMaxIdBytes ||
      !absl::WebSafeBase64Unescape(parts[2], &token.authority) ||
      !absl::WebSafeBase64Unescape(parts[3], &token.secret) ||
      token.authority.size() != kBytes || token.secret.size() != kBytes) {
    return absl::InvalidArgumentError(
        "this is no enrolment token; `callbraid sensors enroll` prints one, "
        "and it begins with cbe1:");
  }
  token.sensor_id = parts[1];
  return token;
}

}  // namespace callbraid::pki
