#ifndef CALLBRAID_SENSOR_TLS_HANDSHAKE_H_
#define CALLBRAID_SENSOR_TLS_HANDSHAKE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "absl/functional/function_ref.h"
#include "sensor/tls/key_log.h"

namespace callbraid::sensor {

inline constexpr uint16_t kTls12 = 0x0303;
inline constexpr uint16_t kTls13 = 0x0304;

// Of a record (RFC 8446, section 5.1).
enum class ContentType : uint8_t {
  kChangeCipherSpec = 20,
  kAlert = 21,
  kHandshake = 22,
  kApplicationData = 23,
};

// Those that matter to who listens.
enum class HandshakeType : uint8_t {
  kClientHello = 1,
  kServerHello = 2,
  kKeyUpdate = 24,
};

struct ServerHello {
  std::array<uint8_t, 32> random = {};
  // As negotiated.
  uint16_t version = 0;
  uint16_t cipher_suite = 0;
  // Records are compressed (TLS 1.2).
  bool compressed = false;
  // Of TLS 1.2: RFC 7366, RFC 7627.
  bool encrypt_then_mac = false;
  bool extended_master_secret = false;
  // A HelloRetryRequest (RFC 8446, section 4.1.4): another will follow.
  bool is_retry_request = false;
};

// Of a HelloRetryRequest, in place of a server's random.
bool IsRetryRequest(std::span<const uint8_t> random);

// Of the bodies of handshake messages; nullopt if they are malformed.
std::optional<ClientRandom> ParseClientHello(std::span<const uint8_t> body);
std::optional<ServerHello> ParseServerHello(std::span<const uint8_t> body);

// Puts handshake messages together that records cut at will (RFC 8446, section
// 5.1), and hands on those of HandshakeType. Others, and any that are longer
// than a hello can sensibly be, are passed over. One thread.
class HandshakeReader {
 public:
  using MessageFn = absl::FunctionRef<void(HandshakeType type,
                                           std::span<const uint8_t> body)>;

  void Append(std::span<const uint8_t> bytes, MessageFn emit);
  // Forgets a message that has begun.
  void Reset();

  size_t bytes() const { return message_.size(); }

 private:
  // Header and body, as far as they came, of a message that is wanted.
  std::string message_;
  // Bytes still to come of one that is not.
  size_t skip_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_HANDSHAKE_H_
