#ifndef CALLBRAID_SENSOR_UPLINK_ENROLMENT_H_
#define CALLBRAID_SENSOR_UPLINK_ENROLMENT_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/pki/enrolment_token.h"

namespace callbraid::sensor {

// What a sensor has after it was enrolled: uplink.tls, in PEM form.
struct Enrolled {
  std::string certificate;
  std::string key;
  std::string authorities;
  // Seconds since the epoch.
  int64_t expire_s = 0;
};

// Makes a key and gets a certificate for it, for a token, from the collector at
// `target` (HOST:PORT), whose certificate must be for `server_name`, or HOST if
// that is empty. Blocks.
//
// The collector is asked twice: first for its authorities, believing nobody;
// then, over a connection that the authority with the hash in the token vouches
// for, for the certificate. The secret goes over the second alone. Errors are
// for people.
absl::StatusOr<Enrolled> Enrol(const std::string& target,
                               const std::string& server_name,
                               const pki::EnrolmentToken& token,
                               const Clock& clock);

// Writes ca.pem, sensor.pem and sensor.key to `dir`, which is made if it is
// missing, for their owner's eyes only.
absl::Status WriteEnrolled(const Enrolled& enrolled, const std::string& dir);

// Fails if WriteEnrolled() would: before a token is used up.
absl::Status CheckWritable(const std::string& dir);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_UPLINK_ENROLMENT_H_
