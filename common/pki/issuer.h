#ifndef CALLBRAID_COMMON_PKI_ISSUER_H_
#define CALLBRAID_COMMON_PKI_ISSUER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "common/pki/certificate.h"
#include "common/pki/openssl.h"

namespace callbraid::pki {

struct IssuedCertificate {
  // With the issuer's own after it, unless that is a root.
  std::string pem;
  Validity validity;
  // In hex: tells it from all others of this authority.
  std::string serial;
};

// Signs certificates of sensors with an authority's key. Immutable.
class Issuer {
 public:
  // Errors name the file: NOT_FOUND, PERMISSION_DENIED, FAILED_PRECONDITION
  // (not PEM, not an authority, or the key is of another certificate).
  static absl::StatusOr<Issuer> Load(const std::string& certificate_path,
                                     const std::string& key_path);

  // For `key`, from a minute before `now_s` until `valid_s` after it, or as
  // long as the authority's own certificate. `sensor_id` was checked: 1 to 64
  // of [A-Za-z0-9._-]. FAILED_PRECONDITION: the authority has expired.
  absl::StatusOr<IssuedCertificate> Issue(EVP_PKEY& key,
                                          const std::string& sensor_id,
                                          int64_t now_s, int64_t valid_s) const;

  const X509& certificate() const { return *certificate_; }

 private:
  Issuer(X509Ptr certificate, KeyPtr key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  X509Ptr certificate_;
  KeyPtr key_;
};

}  // namespace callbraid::pki

#endif  // CALLBRAID_COMMON_PKI_ISSUER_H_
