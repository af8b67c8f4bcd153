#ifndef CALLBRAID_SENSOR_SIGNALLING_SIGNALLING_H_
#define CALLBRAID_SENSOR_SIGNALLING_SIGNALLING_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "sensor/decap/datagram.h"
#include "sensor/flow/expected_media.h"
#include "sensor/flow/lru_map.h"
#include "sensor/flow/media_sink.h"
#include "sensor/flow/sip_ports.h"
#include "sensor/signalling/asked_for.h"
#include "sensor/signalling/controlled_media.h"
#include "sensor/signalling/dialog_table.h"
#include "sensor/signalling/h323_media.h"
#include "sensor/signalling/message_sink.h"
#include "sensor/signalling/signalling_discard.h"
#include "sensor/signalling/tcp_stream.h"
#include "sensor/tls/tls_discard.h"
#include "sensor/tls/tls_keys.h"
#include "sensor/tls/tls_session.h"

namespace callbraid::sensor {

struct SignallingOptions {
  SipPorts sip_ports{{5060}};
  size_t max_dialogs = 50'000;
  AskedFor asked_for{{}};
  // Of TLS, which is not read if it is null. Must outlive the signalling.
  TlsKeys* tls_keys = nullptr;
  int64_t tls_key_wait_ns = int64_t{30} * 1'000'000'000;
};

// Finds the messages of SIP (in UDP, TCP and WebSocket frames, and in TLS with
// keys), MGCP (in UDP), SCCP (in TCP) and H.323 (in TCP; RAS in UDP) and hands
// them on as they are. What has a start line is handed on, also if the rest
// makes no sense: the collector judges. Media that they name the flow table is
// told to expect.
//
// Connections are followed on the ports of SIP, of SCCP and of H.225.0; where
// that announced H.245, from a segment that begins with TPKT; and elsewhere
// from one that begins like SIP, or like WebSocket frames with SIP, or like a
// message that names H.225.0 or H.245, or, if there are keys, like TLS; bounded
// in number and bytes. One thread.
class Signalling final : public SignallingSink {
 public:
  // `expected` and `sink` must outlive this.
  Signalling(const SignallingOptions& options, ExpectedMedia& expected,
             MessageSink& sink);

  void OnSignalling(const Datagram& datagram) override;

  // Call ten times a second of the pipeline's clock.
  void OnTick(int64_t now_ns);
  // Nothing follows.
  void Finish();

  const SignallingCounters& counters() const { return counters_; }
  // Null if TLS is not read.
  const TlsCounters* tls_counters() const {
    return tls_ ? &tls_->counters : nullptr;
  }
  size_t tcp_streams() const { return streams_.size(); }
  size_t tcp_bytes() const { return tcp_bytes_; }

 private:
  struct HeldMessage {
    MessageView view;  // Less the message.
    std::string message;
  };
  // One direction of a connection, and what its last segment looked like.
  struct Connection {
    Connection(SignallingCounters& counters, BinaryProtocol binary,
               std::shared_ptr<TlsSession> tls)
        : stream(counters, binary, std::move(tls)) {}
    TcpStream stream;
    LinkHeader link;
    uint8_t dscp = 0;
    // Wait while the other direction has a gap. Who follows a dialog takes what
    // is older than its last message for a repetition, so what is behind a gap
    // must not be overtaken by what answers it.
    std::vector<HeldMessage> held;
  };
  using Connections = LruMap<FlowKey, std::unique_ptr<Connection>>;

  void OnUdp(const Datagram& datagram);
  void EmitMgcp(MessageView view);
  void OnTcp(const Datagram& segment);
  Connection* OtherDirection(const FlowKey& flow);
  void Hold(HeldMessage message, Connection& connection);
  void TakeHeld(Connection& connection, std::vector<HeldMessage>& out);
  void EmitInOrder(std::vector<HeldMessage> messages);
  // Hands on what waits first.
  void Erase(FlowKey flow);
  Connection* Follow(const Datagram& segment);
  bool IsOurs(const Datagram& segment) const;
  // What this segment, or its connection's ports, tell.
  BinaryProtocol BinaryOf(const Datagram& segment);
  std::shared_ptr<TlsSession> TlsSessionOf(const FlowKey& flow);
  void EvictOldest();
  static MessageView ViewOf(const FlowKey& flow, const Connection& connection,
                            int64_t time_ns, std::string_view message,
                            bool truncated);
  // Calls act(connection, emit) for each, and hands on in order of time what is
  // emitted, and what need not wait any more.
  template <typename Act>
  void ForEachConnection(Act act);
  void Emit(MessageView view);
  // Looks for media in it; false if it is no message that is handed on.
  bool Read(const MessageView& view);
  uint32_t NextOrdinal(int64_t time_ns);

  const SignallingOptions options_;
  MessageSink& sink_;
  int64_t now_ns_ = 0;
  SignallingCounters counters_;
  DialogTable dialogs_;
  ControlledMedia controlled_;
  H323Media h323_;
  std::optional<TlsContext> tls_;
  Connections streams_;
  size_t tcp_bytes_ = 0;

  // The last times of messages, and how many messages each had. Captures may
  // hand packets on a little out of order.
  struct Instant {
    int64_t time_ns = 0;
    uint32_t messages = 0;
  };
  std::array<Instant, 16> instants_ = {};
  size_t next_instant_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_SIGNALLING_H_
