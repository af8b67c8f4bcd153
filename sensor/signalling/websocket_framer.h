#ifndef CALLBRAID_SENSOR_SIGNALLING_WEBSOCKET_FRAMER_H_
#define CALLBRAID_SENSOR_SIGNALLING_WEBSOCKET_FRAMER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sensor/signalling/signalling_discard.h"
#include "sensor/signalling/sip_framer.h"

namespace callbraid::sensor {

// Whether a direction of a connection that begins with `bytes` carries SIP in
// WebSocket frames (RFC 7118): the HTTP upgrade to it, or a frame that holds
// the beginning of a SIP message.
bool BeginsLikeWebSocket(std::string_view bytes);

// Takes the SIP messages, one a WebSocket message (RFC 7118, section 5), out of
// one direction of a connection: skips the HTTP upgrade, unmasks, puts
// fragments together, passes over pings. What was compressed (RFC 7692) cannot
// be read and is counted.
//
// After joining in mid-stream or a gap, goes on where a segment begins with a
// frame. Holds at most one message and a frame. One thread.
class WebSocketFramer {
 public:
  // `counters` must outlive the framer.
  explicit WebSocketFramer(SignallingCounters& counters)
      : counters_(counters) {}

  void Append(std::string_view bytes, MessageFn emit);
  // Bytes are missing here. A message of which the header is complete is
  // emitted as truncated.
  void Break(MessageFn emit);
  void Reset();

  size_t bytes() const { return buffer_.size() + message_.size(); }

 private:
  struct Frame {
    uint8_t opcode = 0;
    bool final = false;
    bool compressed = false;
    bool masked = false;
    uint8_t mask[4] = {};
    size_t header_size = 0;
    uint64_t payload_size = 0;
  };
  enum class Parsed { kWhole, kNeedsMore, kBad };

  static Parsed ParseFrame(std::string_view bytes, Frame& frame);
  friend bool BeginsLikeWebSocket(std::string_view bytes);

  // Each handles what is at the front; false if that needs more bytes first.
  bool Step(MessageFn emit);
  bool Synchronise();
  bool SkipUpgrade();
  void TakeFrame(const Frame& frame, std::string_view payload, MessageFn emit);
  void AddPayload(const Frame& frame, std::string_view payload);
  void EndMessage(bool truncated, MessageFn emit);
  void Skip(const Frame& frame);
  void Consume(size_t size) { front_ += size; }
  void Discard(size_t size);

  std::string_view rest() const {
    return std::string_view(buffer_).substr(front_);
  }

  SignallingCounters& counters_;
  std::string buffer_;
  // The first byte not dealt with; 0 between calls.
  size_t front_ = 0;
  // At the front is a frame.
  bool synchronised_ = false;
  // Bytes still to come of a frame that is not kept.
  uint64_t skip_ = 0;
  // Unmasked payload of the fragments so far.
  std::string message_;
  // A message began, and its last fragment is still to come.
  bool in_message_ = false;
  // It cannot be read: compressed, or its beginning is missing.
  bool unreadable_ = false;
  // It is longer than what is kept.
  bool too_long_ = false;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_WEBSOCKET_FRAMER_H_
