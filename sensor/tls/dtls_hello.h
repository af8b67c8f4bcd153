#ifndef CALLBRAID_SENSOR_TLS_DTLS_HELLO_H_
#define CALLBRAID_SENSOR_TLS_DTLS_HELLO_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "common/net/endpoint.h"
#include "sensor/flow/lru_map.h"
#include "sensor/tls/handshake.h"
#include "sensor/tls/key_log.h"

namespace callbraid::sensor {

inline constexpr uint16_t kDtls10 = 0xfeff;
inline constexpr uint16_t kDtls12 = 0xfefd;
inline constexpr uint16_t kDtls13 = 0xfefc;

// What the hello of a client of DTLS says that matters to its SRTP (RFC 6347,
// section 4.3.2; RFC 5764, section 4.1).
struct DtlsClientHello {
  ClientRandom random = {};
  // Of use_srtp, as offered; at most 16. Empty: it wants no SRTP.
  std::vector<uint16_t> profiles;
  std::string mki;
};

struct DtlsServerHello {
  std::array<uint8_t, 32> random = {};
  // As negotiated.
  uint16_t version = 0;
  uint16_t cipher_suite = 0;
  // Of use_srtp; 0 without it, and with DTLS 1.3, which encrypts it.
  uint16_t profile = 0;
  std::string mki;
  // Another will follow (RFC 8446, section 4.1.4).
  bool is_retry_request = false;
};

// Of the bodies of handshake messages; nullopt if they are malformed.
std::optional<DtlsClientHello> ParseDtlsClientHello(
    std::span<const uint8_t> body);
std::optional<DtlsServerHello> ParseDtlsServerHello(
    std::span<const uint8_t> body);

// Finds the hellos in datagrams of DTLS (1.0, 1.2: RFC 6347; 1.3: RFC 9147),
// and puts those together that come in fragments, in any order and repeated.
// What is encrypted, and other messages, are passed over.
//
// Bounded: 256 flows with a hello of which a part is missing, of at most 16 KiB
// each, for 10 s. One thread.
class DtlsHelloReader {
 public:
  // `type`: kClientHello or kServerHello.
  using HelloFn = absl::FunctionRef<void(HandshakeType type,
                                         std::span<const uint8_t> body)>;

  DtlsHelloReader();

  void OnDatagram(const FlowKey& flow, std::span<const uint8_t> datagram,
                  HelloFn emit);
  // `now_ns`: the pipeline's clock, which never goes back.
  void OnTick(int64_t now_ns);

  // Hellos that were given up for want of a fragment, and what was no DTLS.
  uint64_t incomplete() const { return incomplete_; }
  uint64_t malformed() const { return malformed_; }
  size_t partial_hellos() const { return partials_.size(); }

 private:
  struct Fragment {
    uint8_t type = 0;
    uint16_t sequence = 0;
    size_t size = 0;  // Of the whole message.
    size_t offset = 0;
    std::span<const uint8_t> bytes;
  };
  struct Partial {
    uint8_t type = 0;
    uint16_t sequence = 0;
    std::string body;
    std::vector<bool> has;
    size_t missing = 0;
  };

  void OnHandshake(const FlowKey& flow, std::span<const uint8_t> record,
                   HelloFn emit);
  void OnFragment(const FlowKey& flow, const Fragment& fragment, HelloFn emit);

  int64_t now_ns_ = 0;
  uint64_t incomplete_ = 0;
  uint64_t malformed_ = 0;
  LruMap<FlowKey, Partial> partials_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_TLS_DTLS_HELLO_H_
