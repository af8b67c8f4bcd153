#ifndef CALLBRAID_SENSOR_TLS_TLS_SESSION_H_
#define CALLBRAID_SENSOR_TLS_TLS_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "sensor/tls/handshake.h"
#include "sensor/tls/rsa_exchange.h"
#include "sensor/tls/tls_discard.h"
#include "sensor/tls/tls_keys.h"

namespace callbraid::sensor {

// What the connections of one capture point have in common. One thread, but for
// the keys.
struct TlsContext {
  // How much may wait for keys, of all connections; and how much more of those
  // of which little waits, lest they starve beside bulk that is no signalling.
  static constexpr size_t kMaxWaitingBytes = size_t{16} << 20;
  static constexpr size_t kMoreForLittleBytes = size_t{8} << 20;

  // What servers' keys decrypt takes a millisecond each, while packets wait.
  static constexpr int kMostDecryptionsASecond = 100;
  // Of handshakes that a server's key may open.
  static constexpr size_t kMaxHandshakeBytes = size_t{8} << 20;

  // `tls_keys` must outlive this, and this the sessions and readers.
  TlsContext(TlsKeys& tls_keys, int64_t wait_ns)
      : keys(tls_keys), key_wait_ns(wait_ns) {}

  // Whether a server's key may be used now.
  bool MayDecrypt();

  TlsKeys& keys;
  const int64_t key_wait_ns;
  TlsCounters counters;
  // The pipeline's clock; never goes back.
  int64_t now_ns = 0;
  size_t waiting_bytes = 0;
  size_t handshake_bytes = 0;
  // Since when, and how many.
  int64_t decryptions_since_ns = 0;
  int decryptions = 0;
};

// What both directions of one connection know of its handshake: each says its
// own hello, and asks for the secrets. Shared by the readers of the two, which
// end independently of each other.
class TlsSession {
 public:
  // `context` must outlive the session.
  explicit TlsSession(TlsContext& context) : context_(context) {}
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession() { DropExchange(); }

  void OnClientHello(const ClientRandom& client_random);
  void OnServerHello(const ServerHello& hello) { server_ = hello; }
  // What a side says in clear, its hello first, after the above: where a
  // server's key is known, its secret may follow from that.
  void OnHandshake(bool of_client, std::span<const uint8_t> bytes);
  // Some of it is missing.
  void BreakHandshake() { DropExchange(); }
  void OnCipherChange(bool of_client);
  // Uses the server's key, if it was not time for that before. Call about once
  // a second.
  void FindMaster();

  TlsContext& context() const { return context_; }
  const std::optional<ClientRandom>& client_random() const {
    return client_random_;
  }
  const std::optional<ServerHello>& server() const { return server_; }

  // Of the keys; nullopt if there are none yet.
  std::optional<TlsSecrets> Secrets() const;
  // Something waits for a key. It is then left to the next tick to look for it,
  // for both directions at once: what they carried goes on in order of time.
  bool waits_for_key() const { return waits_for_key_; }
  void set_waits_for_key(bool waits) { waits_for_key_ = waits; }

  // The connection is counted once as what became of it first.
  void CountWithKey();
  void CountWithoutKey();

 private:
  void DropExchange();

  TlsContext& context_;
  std::optional<ClientRandom> client_random_;
  std::optional<ServerHello> server_;
  // As long as there is something to hope for from it.
  std::unique_ptr<RsaExchange> exchange_;
  bool counted_ = false;
  bool waits_for_key_ = false;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_TLS_SESSION_H_
