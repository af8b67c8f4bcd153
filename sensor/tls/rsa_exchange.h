#ifndef CALLBRAID_SENSOR_TLS_RSA_EXCHANGE_H_
#define CALLBRAID_SENSOR_TLS_RSA_EXCHANGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "sensor/tls/handshake.h"
#include "sensor/tls/secret.h"
#include "sensor/tls/server_keys.h"

namespace callbraid::sensor {

// What both sides of one connection of TLS 1.2 say in clear until the client
// has sent the secret, encrypted for the server's key: from it, with that key,
// comes the master secret. One thread.
class RsaExchange {
 public:
  // Of one side; a handshake with more is not read.
  static constexpr size_t kMaxBytes = size_t{32} << 10;

  // Handshake messages as the side's records carry them one after another, cut
  // at will.
  void Append(bool of_client, std::span<const uint8_t> bytes);
  // Bytes are missing.
  void Break() { broken_ = true; }

  // Whether all was said that Master() needs; or cannot be any more.
  bool done() const;
  // Nullopt if the server's key is none of `keys`, or the exchange was of
  // another kind. Takes as long as RSA does: a millisecond.
  std::optional<Secret> Master(const ServerKeys& keys,
                               const ClientRandom& client_random,
                               const ServerHello& server) const;

 private:
  struct Side {
    std::string said;
    // How far its messages were looked at.
    size_t read = 0;
  };
  // Where in `said` a message's body is.
  struct Place {
    size_t begin = 0;
    size_t end = 0;
  };
  void Look(bool of_client);
  std::span<const uint8_t> Body(const Side& side, const Place& place) const;
  std::optional<Secret> PreMaster(const ServerKeys& keys) const;
  // Of all messages up to the client's secret (RFC 7627, section 3).
  std::optional<std::string> SessionHash(const char* hash) const;

  Side client_;
  Side server_;
  // The first message of the client.
  std::optional<Place> hello_;
  std::optional<Place> secret_;
  std::optional<Place> certificate_;
  bool server_done_ = false;
  bool broken_ = false;
};

// Whether the suite of TLS 1.2 has RSA for the exchange of keys.
bool HasRsaKeyExchange(uint16_t cipher_suite);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_RSA_EXCHANGE_H_
