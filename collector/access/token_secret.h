#ifndef CALLBRAID_COLLECTOR_ACCESS_TOKEN_SECRET_H_
#define CALLBRAID_COLLECTOR_ACCESS_TOKEN_SECRET_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "callbraid/store/v1/token_record.pb.h"
#include "callbraid/v1/access.pb.h"

namespace callbraid::collector {

// A token is "cbt_" and 256 random bits in 43 characters of web-safe base64. It
// is kept, and looked up, by its SHA-256. How long a comparison takes is
// therefore of no use to anyone: it tells at most of the hash, and from the
// hash no token can be made; a slow hash would guard words that people think
// of, and nobody guesses one of 2^256.

// From the system's generator.
std::string NewTokenSecret();
bool LooksLikeToken(std::string_view text);
// 32 bytes.
std::string HashOfToken(std::string_view secret);

// What `request` asks for, with the hash of `secret`, checked: INVALID_ARGUMENT
// names the field.
absl::StatusOr<store::v1::TokenRecord> NewTokenRecord(
    const v1::CreateTokenRequest& request, const std::string& secret,
    const std::string& created_by, int64_t now_ns);

// INVALID_ARGUMENT names the field: a name, role or scope that nobody can have.
absl::Status CheckRights(const v1::Token& token);

// The same of one that comes from a file.
absl::Status CheckTokenRecord(const store::v1::TokenRecord& record,
                              int64_t now_ns);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_ACCESS_TOKEN_SECRET_H_
