#ifndef CALLBRAID_SENSOR_SIGNALLING_MESSAGE_SINK_H_
#define CALLBRAID_SENSOR_SIGNALLING_MESSAGE_SINK_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "common/net/endpoint.h"
#include "sensor/decap/datagram.h"

namespace callbraid::sensor {

inline constexpr size_t kMaxMessageBytes = 65'535;

enum class MessageKind : uint8_t { kSip, kMgcp, kSccp, kH323 };
// The last two were in TLS, and decrypted here.
enum class Transport : uint8_t {
  kUdp,
  kTcp,
  kWebSocket,
  kTls,
  kSecureWebSocket
};

// One message of signalling as captured. A view: valid until the sink returns.
struct MessageView {
  // Arrival of the packet that completed it.
  int64_t time_ns = 0;
  // Tells messages of the same time apart.
  uint32_t ordinal = 0;
  FlowKey flow;
  MessageKind kind = MessageKind::kSip;
  Transport transport = Transport::kUdp;
  // At most kMaxMessageBytes. H.323 over TCP has its TPKT header.
  std::string_view message;
  // The end is missing.
  bool truncated = false;
  LinkHeader link;
  uint8_t dscp = 0;
};

class MessageSink {
 public:
  virtual ~MessageSink() = default;
  virtual void OnMessage(const MessageView& message) = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_MESSAGE_SINK_H_
