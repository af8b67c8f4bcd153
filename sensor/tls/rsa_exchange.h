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
  // Whether all was said that Master() needs.
  bool done() const { return hello_ && secret_ && server_done_; }
  // More than is read was said, or the client changed its cipher without having
  // sent a secret, as where a session is resumed: there is nothing to hope for.
  bool failed() const { return failed_; }
  void OnCipherChange(bool of_client) { failed_ |= of_client && !secret_; }
  size_t bytes() const { return client_.said.size() + server_.said.size(); }

  // Of `keys` the server's own, when done; null if it is none of these.
  const EVP_PKEY* KeyOf(const ServerKeys& keys) const;
  // Nullopt if what the client sent is none. Takes as long as RSA does: a
  // millisecond.
  std::optional<Secret> Master(const EVP_PKEY& key,
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
  // Of all messages up to the client's secret (RFC 7627, section 3).
  std::optional<std::string> SessionHash(const char* hash) const;

  Side client_;
  Side server_;
  // The first message of the client.
  std::optional<Place> hello_;
  std::optional<Place> secret_;
  std::optional<Place> certificate_;
  bool server_done_ = false;
  bool failed_ = false;
};

// Whether the server chose TLS 1.2, and RSA for the exchange of keys.
bool HasRsaKeyExchange(const ServerHello& server);

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_RSA_EXCHANGE_H_
