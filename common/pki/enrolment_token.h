#ifndef CALLBRAID_COMMON_PKI_ENROLMENT_TOKEN_H_
#define CALLBRAID_COMMON_PKI_ENROLMENT_TOKEN_H_

#include <string>

#include "absl/status/statusor.h"

namespace callbraid::pki {

// What an operator carries from the collector to a new sensor, once:
//
//   cbe1:SENSOR_ID:AUTHORITY:SECRET
//
// AUTHORITY and SECRET are 32 bytes each, base64url without padding. By the
// first the sensor knows the collector, by the second the collector the sensor.
struct EnrolmentToken {
  std::string sensor_id;
  // KeyHash() of the authority that the collector's certificate goes back to.
  std::string authority;
  std::string secret;
};

// 32 random bytes.
std::string NewSecret();
// SHA-256: what of a secret is kept.
std::string HashOf(const std::string& secret);

std::string ToText(const EnrolmentToken& token);
// Spaces around it do not matter. INVALID_ARGUMENT.
absl::StatusOr<EnrolmentToken> ParseEnrolmentToken(const std::string& text);

}  // namespace callbraid::pki

#endif  // CALLBRAID_COMMON_PKI_ENROLMENT_TOKEN_H_
