#include "sensor/tls/tls_discard.h"

namespace callbraid::sensor {
namespace {

constexpr std::array<const char*, kTlsDiscardCount> kNames = {
    "tls_no_key",       "tls_no_room",      "tls_cipher_not_read",
    "tls_no_handshake", "tls_not_verified", "tls_renegotiated",
    "tls_skipped_bytes"};
static_assert(kNames.back() != nullptr);
static_assert(static_cast<size_t>(TlsDiscard::kSkipped) + 1 ==
              kTlsDiscardCount);

}  // namespace

const char* TlsDiscardName(TlsDiscard reason) {
  return kNames[static_cast<size_t>(reason)];
}

}  // namespace callbraid::sensor
