#ifndef CALLBRAID_SENSOR_TLS_TLS_DISCARD_H_
#define CALLBRAID_SENSOR_TLS_TLS_DISCARD_H_

#include <array>
#include <cstddef>
#include <cstdint>

namespace callbraid::sensor {

// Why a record of TLS was not read; records, if nothing else is said.
enum class TlsDiscard : uint8_t {
  // No key log had its key in time.
  kNoKey,
  // Made room for newer ones while they waited for the key.
  kNoRoom,
  // Of a cipher suite, or a version, that is not read.
  kCipher,
  // The beginning of the connection was not seen, or was malformed.
  kNoHandshake,
  // Does not verify: of a connection that lost too much, or was changed on the
  // way, or the key log is wrong.
  kNotVerified,
  // After a second handshake on the connection (TLS 1.2).
  kRenegotiated,
  // Bytes between which no record could be found.
  kSkipped,
};
inline constexpr size_t kTlsDiscardCount = 7;

// "tls_no_key"...: a key of CaptureReport.discarded.
const char* TlsDiscardName(TlsDiscard reason);

// Totals of one capture point.
struct TlsCounters {
  std::array<uint64_t, kTlsDiscardCount> discarded = {};
  // Connections whose handshake was seen, for which a key was found, or was
  // waited for in vain.
  uint64_t connections = 0;
  uint64_t with_key = 0;
  uint64_t without_key = 0;
  // Records that were decrypted.
  uint64_t records = 0;

  void Count(TlsDiscard reason, uint64_t items = 1) {
    discarded[static_cast<size_t>(reason)] += items;
  }
  uint64_t Get(TlsDiscard reason) const {
    return discarded[static_cast<size_t>(reason)];
  }
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_TLS_DISCARD_H_
