#ifndef CALLBRAID_COLLECTOR_EVENTS_SIGNATURE_H_
#define CALLBRAID_COLLECTOR_EVENTS_SIGNATURE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace callbraid::collector {

// The key of a webhook's signature, out of its file: 16 to 1,024 bytes, less
// the end of line; after "whsec_", in base64. Errors say which file, never what
// is in it.
absl::StatusOr<std::string> ReadWebhookSecret(const std::string& path);

// Value of the header webhook-signature, as Standard Webhooks has it: "v1," and
// the base64 of HMAC-SHA256 over "ID.TIMESTAMP.BODY". `timestamp_s` since the
// epoch.
std::string SignWebhook(const std::string& secret, const std::string& id,
                        int64_t timestamp_s, const std::string& body);

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_EVENTS_SIGNATURE_H_
