#ifndef CALLBRAID_COMMON_PKI_PEM_FILE_H_
#define CALLBRAID_COMMON_PKI_PEM_FILE_H_

#include <string>

#include "absl/status/statusor.h"

namespace callbraid::pki {

// What is in the file, at most 256 KiB. NOT_FOUND, PERMISSION_DENIED,
// FAILED_PRECONDITION (too large), with the path.
absl::StatusOr<std::string> ReadPemFile(const std::string& path);

}  // namespace callbraid::pki

#endif  // CALLBRAID_COMMON_PKI_PEM_FILE_H_
