#ifndef CALLBRAID_SENSOR_SIGNALLING_STREAM_FRAMER_H_
#define CALLBRAID_SENSOR_SIGNALLING_STREAM_FRAMER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "sensor/signalling/message_sink.h"
#include "sensor/signalling/sccp_framer.h"
#include "sensor/signalling/signalling_discard.h"
#include "sensor/signalling/sip_framer.h"
#include "sensor/signalling/stream_message.h"
#include "sensor/signalling/tls_framer.h"
#include "sensor/signalling/tpkt_framer.h"
#include "sensor/signalling/websocket_framer.h"

namespace callbraid::sensor {

// What a connection carries if it is not SIP, by its port or by who announced
// it.
enum class BinaryProtocol : uint8_t { kNone, kSccp, kH323 };

// Cuts one direction of a connection into messages, of whatever protocol its
// first bytes are: of SIP, of SIP in WebSocket frames, either in TLS, or, where
// that is expected, of SCCP or H.323. One thread.
class StreamFramer {
 public:
  // `counters` must outlive the framer. `binary`: what is not text is that.
  // `tls`: of the connection; null if TLS is not to be read.
  StreamFramer(SignallingCounters& counters, BinaryProtocol binary,
               std::shared_ptr<TlsSession> tls = nullptr)
      : counters_(counters), binary_(binary), tls_session_(std::move(tls)) {}

  // `bytes` came at `time_ns`.
  void Append(int64_t time_ns, std::string_view bytes, StreamMessageFn emit);
  // Bytes are missing here; those before them came at `time_ns`.
  void Break(int64_t time_ns, StreamMessageFn emit);
  // Call about once a second.
  void OnTick(StreamMessageFn emit);
  // Another connection: what it is has yet to be seen.
  void Reset();

  // Something is held that cannot be read yet.
  bool waits() const { return tls_ != nullptr && tls_->waits(); }
  const std::shared_ptr<TlsSession>& tls_session() const {
    return tls_session_;
  }
  size_t bytes() const;
  // Of what was emitted last.
  MessageKind kind() const;
  Transport transport() const;

 private:
  // Tells the protocol; false if it needs more bytes first.
  bool Recognise();
  bool IsTls(std::string_view bytes) const;
  void AppendClear(std::string_view bytes, MessageFn emit);
  void BreakClear(MessageFn emit);

  SignallingCounters& counters_;
  const BinaryProtocol binary_;
  // What came before it was clear what this is: less than a header of SCCP.
  std::string first_;
  std::variant<std::monostate, SipFramer, WebSocketFramer, SccpFramer,
               TpktFramer>
      framer_;
  // In place of `framer_` if it is TLS.
  std::unique_ptr<TlsFramer> tls_;
  const std::shared_ptr<TlsSession> tls_session_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_STREAM_FRAMER_H_
