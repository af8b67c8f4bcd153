#ifndef CALLBRAID_COMMON_PKI_REQUEST_H_
#define CALLBRAID_COMMON_PKI_REQUEST_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/pki/openssl.h"

// Keys, and requests for certificates (PKCS #10, RFC 2986).

namespace callbraid::pki {

// A new private key on the curve P-256, in PEM form.
absl::StatusOr<std::string> NewKey();

// A request in PEM form for a certificate of `sensor_id`, signed by `key_pem`.
absl::StatusOr<std::string> MakeRequest(const std::string& key_pem,
                                        const std::string& sensor_id);

// The public key of a request from outside, if it asks for what a sensor of
// this id may have and nothing else. INVALID_ARGUMENT, in words: no request,
// longer than 8 KiB, its signature is not by its key, the key is not of the
// curve P-256, other names or other rights.
absl::StatusOr<KeyPtr> CheckRequest(const std::string& request_pem,
                                    const std::string& sensor_id);

// INVALID_ARGUMENT unless the first certificate in `certificate_pem` is for
// `key_pem`.
absl::Status CheckPair(const std::string& certificate_pem,
                       const std::string& key_pem);

}  // namespace callbraid::pki

#endif  // CALLBRAID_COMMON_PKI_REQUEST_H_
