#ifndef CALLBRAID_SENSOR_TLS_DTLS_SESSIONS_H_
#define CALLBRAID_SENSOR_TLS_DTLS_SESSIONS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/net/endpoint.h"
#include "sensor/decap/datagram.h"
#include "sensor/flow/lru_map.h"
#include "sensor/tls/dtls_hello.h"
#include "sensor/tls/dtls_srtp.h"
#include "sensor/tls/secret.h"
#include "sensor/tls/tls_keys.h"

namespace callbraid::sensor {

// Why DTLS on a media flow led to no keys; one each.
enum class DtlsDiscard : uint8_t {
  kMalformed,   // Records or hellos that make no sense.
  kIncomplete,  // A fragment of a hello was missing.
  kEvicted,     // A session made room for a newer one.
};
inline constexpr size_t kDtlsDiscardCount = 3;

// "dtls_malformed"...: a key of CaptureReport.discarded.
const char* DtlsDiscardName(DtlsDiscard reason);

// What one side of a flow encrypts its SRTP with.
struct StreamKey {
  // When it was agreed on: arrival of the newest hello.
  int64_t time_ns = 0;
  // 0 if not known.
  uint16_t profile = 0;
  // Master key and salt; empty while no key log has the handshake's secret.
  Secret key_and_salt;
  std::string mki;
};

// The DTLS handshakes on flows of media that agree on keys of SRTP (RFC 5764).
// Their secrets are looked up when both hellos were seen, and again whenever
// there are new ones: a key may come as long as the flow is remembered.
//
// Bounded: 16,384 flows, 4 handshakes each; forgotten 10 minutes after the last
// handshake or KeysOf(). One thread, but for the keys.
class DtlsSessions {
 public:
  // `keys` must outlive this; null: there are none.
  explicit DtlsSessions(TlsKeys* keys);

  // A datagram of UDP that is DTLS by its first byte (RFC 7983).
  void OnDtls(const Datagram& datagram);

  // Is told a flow, in either direction, for which a key has come.
  using KeyFn = absl::FunctionRef<void(const FlowKey& flow)>;

  // Call ten times a second of the pipeline's clock: once a second it forgets
  // what is old, and looks for keys.
  void OnTick(int64_t now_ns, KeyFn on_key);
  // Looks for keys, if there are any that were not there the last time.
  void FindKeys(KeyFn on_key);

  // Of what is sent on `flow`, oldest first, at most 8: of DTLS 1.3 one for
  // each profile that it may be. Empty if no handshake was seen on it.
  std::vector<StreamKey> KeysOf(const FlowKey& flow);

  // Handshakes that agreed on SRTP, and those a key was found for.
  uint64_t sessions() const { return sessions_; }
  uint64_t sessions_with_key() const { return with_key_; }
  uint64_t Get(DtlsDiscard reason) const;

 private:
  struct Handshake {
    int64_t time_ns = 0;
    FlowKey client_flow;  // From client to server.
    std::optional<DtlsClientHello> client;
    std::optional<DtlsServerHello> server;
    // By profile that it agreed on, or may have; once both hellos are there,
    // and a key log had the secret. Kept, for the key log's are not for long.
    std::vector<std::pair<uint16_t, SrtpWriteKeys>> keys;
  };
  // Of one flow, either direction; newest last.
  using Flow = std::vector<Handshake>;

  void OnClientHello(const Datagram& datagram, DtlsClientHello hello);
  void OnServerHello(const Datagram& datagram, DtlsServerHello hello);
  Flow& Use(const FlowKey& flow);
  Handshake& Append(const FlowKey& client_flow, Flow& flow);
  // True if there are keys now, and there were none.
  bool FindKeysOf(Handshake& handshake);
  static void AddKeys(const Handshake& handshake, bool of_client,
                      std::vector<StreamKey>& keys);

  TlsKeys* const keys_;
  int64_t now_ns_ = 0;
  // Of the keys, when they were last looked for.
  uint64_t looked_at_ = 0;
  DtlsHelloReader reader_;
  // By the direction whose source is the lesser endpoint.
  LruMap<FlowKey, Flow> flows_;
  uint64_t sessions_ = 0;
  uint64_t with_key_ = 0;
  uint64_t malformed_ = 0;
  uint64_t evicted_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_DTLS_SESSIONS_H_
