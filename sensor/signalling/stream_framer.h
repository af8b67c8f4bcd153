#ifndef CALLBRAID_SENSOR_SIGNALLING_STREAM_FRAMER_H_
#define CALLBRAID_SENSOR_SIGNALLING_STREAM_FRAMER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include "sensor/signalling/message_sink.h"
#include "sensor/signalling/sccp_framer.h"
#include "sensor/signalling/signalling_discard.h"
#include "sensor/signalling/sip_framer.h"
#include "sensor/signalling/websocket_framer.h"

namespace callbraid::sensor {

// Cuts one direction of a connection into messages, of whatever protocol its
// first bytes are: of SIP, of SIP in WebSocket frames, or on the port of SCCP
// of that. One thread.
class StreamFramer {
 public:
  // `counters` must outlive the framer. `on_sccp_port`: what is not SIP is
  // SCCP.
  StreamFramer(SignallingCounters& counters, bool on_sccp_port)
      : counters_(counters), on_sccp_port_(on_sccp_port) {}

  void Append(std::string_view bytes, MessageFn emit);
  // Bytes are missing here.
  void Break(MessageFn emit);
  // Another connection: what it is has yet to be seen.
  void Reset();

  size_t bytes() const;
  // Of what was emitted last.
  MessageKind kind() const;
  Transport transport() const;

 private:
  // Tells the protocol; false if it needs more bytes first.
  bool Recognise();

  SignallingCounters& counters_;
  const bool on_sccp_port_;
  // What came before it was clear what this is: less than a header of SCCP.
  std::string first_;
  std::variant<std::monostate, SipFramer, WebSocketFramer, SccpFramer> framer_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_STREAM_FRAMER_H_
