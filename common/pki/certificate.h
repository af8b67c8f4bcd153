#ifndef CALLBRAID_COMMON_PKI_CERTIFICATE_H_
#define CALLBRAID_COMMON_PKI_CERTIFICATE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/pki/openssl.h"

namespace callbraid::pki {

// When a certificate holds: seconds since the epoch, both included.
struct Validity {
  int64_t from_s = std::numeric_limits<int64_t>::min();
  int64_t to_s = std::numeric_limits<int64_t>::max();
};

// All certificates in `pem`, at most 32. INVALID_ARGUMENT if there is none, or
// one that is none.
absl::StatusOr<std::vector<X509Ptr>> ParseCertificates(const std::string& pem);
// NOT_FOUND or PERMISSION_DENIED, with the path; else as above.
absl::StatusOr<std::vector<X509Ptr>> ReadCertificates(const std::string& path);

std::string ToPem(const X509& certificate);
std::string ToPem(const std::vector<X509Ptr>& certificates);

Validity ValidityOf(const X509& certificate);

// SHA-256 of the public key with its algorithm (SubjectPublicKeyInfo), 32
// bytes: says which authority is meant, also after its certificate was renewed.
std::string KeyHash(const X509& certificate);

// The authority among `authorities` that the first of `chain` goes back to by
// way of the others. FAILED_PRECONDITION if there is none. Does not look at the
// time: who connects will.
absl::StatusOr<X509*> AnchorOf(const std::vector<X509Ptr>& chain,
                               const std::vector<X509Ptr>& authorities);

// The URI that names a sensor: spiffe://callbraid/sensor/ID.
std::string SensorUri(const std::string& sensor_id);

}  // namespace callbraid::pki

#endif  // CALLBRAID_COMMON_PKI_CERTIFICATE_H_
