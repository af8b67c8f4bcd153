#ifndef CALLBRAID_SENSOR_SIGNALLING_SIP_FRAMER_H_
#define CALLBRAID_SENSOR_SIGNALLING_SIP_FRAMER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "sensor/signalling/signalling_discard.h"

namespace callbraid::sensor {

// Takes a message; `truncated` if its end is missing. Valid during the call.
using MessageFn =
    absl::FunctionRef<void(std::string_view message, bool truncated)>;

// Cuts a byte stream into SIP messages by Content-Length (RFC 3261, section
// 18.3), and finds the next start line where it does not know where one begins:
// after joining in mid-stream, after a gap, after junk.
//
// Holds at most one message and a bit. Work is linear in the bytes. One thread.
class SipFramer {
 public:
  // `counters` must outlive the framer.
  explicit SipFramer(SignallingCounters& counters) : counters_(counters) {}

  // The stream goes on with `bytes`.
  void Append(std::string_view bytes, MessageFn emit);
  // Bytes are missing here. A message of which the header is complete is
  // emitted as truncated.
  void Break(MessageFn emit);
  // A new stream: a message may begin at once.
  void Reset();

  size_t bytes() const { return buffer_.size(); }

 private:
  // Each handles what is at the front; false if that needs more bytes first.
  bool Step(MessageFn emit);
  bool FindStartLine();
  bool FindHeaderEnd();
  bool TakeMessage(MessageFn emit);
  // The message that was promised more bytes ends here, because a new one
  // begins at `size`.
  void CutShort(size_t size, MessageFn emit);
  void Discard(size_t size);
  void Consume(size_t size);

  SignallingCounters& counters_;
  // What has not been dealt with.
  std::string_view rest() const {
    return std::string_view(buffer_).substr(front_);
  }

  std::string buffer_;
  // The first byte not dealt with; 0 between calls.
  size_t front_ = 0;
  // At the front is a start line.
  bool synchronised_ = false;
  // `rest()` was searched for the end of the line or header up to here.
  size_t searched_ = 0;
  // Length of the message at the front; 0 while its header is incomplete.
  size_t message_size_ = 0;
  // Bytes still to come that belong to a message too long to keep.
  size_t skip_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_SIP_FRAMER_H_
