#include "collector/access/token_secret.h"

#include <openssl/rand.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "collector/access/roles.h"
#include "collector/store/scope.h"
#include "common/base/status_macros.h"
#include "google/protobuf/util/time_util.h"

namespace callbraid::collector {
namespace {

using google::protobuf::util::TimeUtil;

constexpr std::string_view kPrefix = "cbt_";
constexpr size_t kRandomBytes = 32;
constexpr size_t kRandomCharacters = 43;
constexpr int64_t kDayS = 86'400;
constexpr int64_t kDefaultDays = 90;
constexpr int64_t kMaxDays = 3653;

absl::Status CheckName(const std::string& name) {
  const bool good = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
           c == '_' || c == '@' || c == '-';
  });
  if (!name.empty() && name.size() <= 64 && good) return absl::OkStatus();
  return absl::InvalidArgumentError("name: must be 1 to 64 of [A-Za-z0-9._@-]");
}

}  // namespace

absl::Status CheckRights(const v1::Token& token) {
  RETURN_IF_ERROR(CheckName(token.name()));
  if (Word(token.role()).empty()) {
    return absl::InvalidArgumentError("role: is not known here");
  }
  ASSIGN_OR_RETURN(const Scope scope, Scope::Parse(token.scope()));
  if (token.role() == v1::ROLE_GUEST) {
    if (!token.scope().calls().empty()) return absl::OkStatus();
    return absl::InvalidArgumentError("scope: a guest is shown some calls");
  }
  if (!token.scope().calls().empty()) {
    return absl::InvalidArgumentError("scope: only guests have calls");
  }
  if (!scope.all() && token.role() != v1::ROLE_VIEWER &&
      token.role() != v1::ROLE_OPERATOR) {
    return absl::InvalidArgumentError(
        "scope: only viewers and operators have one");
  }
  return absl::OkStatus();
}

std::string NewTokenSecret() {
  std::array<unsigned char, kRandomBytes> random;
  // Without randomness there is nothing to go on with.
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    std::abort();
  }
  std::string text;
  absl::WebSafeBase64Escape(
      {reinterpret_cast<const char*>(random.data()), random.size()}, &text);
  return std::string(kPrefix) + text;
}

bool LooksLikeToken(std::string_view text) {
  return text.size() == kPrefix.size() + kRandomCharacters &&
         text.substr(0, kPrefix.size()) == kPrefix &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '-' || c == '_';
         });
}

std::string HashOfToken(std::string_view secret) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(secret.data()), secret.size(),
         reinterpret_cast<unsigned char*>(hash.data()));
  return hash;
}

absl::StatusOr<store::v1::TokenRecord> NewTokenRecord(
    const v1::CreateTokenRequest& request, const std::string& secret,
    const std::string& created_by, int64_t now_ns) {
  store::v1::TokenRecord record;
  record.set_hash(HashOfToken(secret));
  v1::Token& token = *record.mutable_token();
  token.set_id(absl::BytesToHexString(record.hash().substr(0, 8)));
  token.set_name(request.name());
  token.set_role(request.role());
  *token.mutable_scope() = request.scope();
  token.set_created_by(created_by);
  *token.mutable_create_time() = TimeUtil::NanosecondsToTimestamp(now_ns);
  if (request.has_expire_time()) {
    *token.mutable_expire_time() = request.expire_time();
  } else {
    token.mutable_expire_time()->set_seconds(token.create_time().seconds() +
                                             kDefaultDays * kDayS);
  }
  RETURN_IF_ERROR(CheckTokenRecord(record, now_ns));
  return record;
}

absl::Status CheckTokenRecord(const store::v1::TokenRecord& record,
                              int64_t now_ns) {
  const v1::Token& token = record.token();
  if (record.hash().size() != SHA256_DIGEST_LENGTH ||
      token.id() != absl::BytesToHexString(record.hash().substr(0, 8))) {
    return absl::InvalidArgumentError("hash: not that of a token");
  }
  const int64_t now_s = now_ns / 1'000'000'000;
  const int64_t expire_s = token.expire_time().seconds();
  if (expire_s <= now_s || expire_s > now_s + kMaxDays * kDayS ||
      token.expire_time().nanos() < 0 ||
      token.expire_time().nanos() > 999'999'999) {
    return absl::InvalidArgumentError(
        "expire_time: must be in the future, at most ten years");
  }
  return CheckRights(token);
}

}  // namespace callbraid::collector
