#ifndef CALLBRAID_SENSOR_SIGNALLING_TPKT_FRAMER_H_
#define CALLBRAID_SENSOR_SIGNALLING_TPKT_FRAMER_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "sensor/signalling/signalling_discard.h"
#include "sensor/signalling/sip_framer.h"

namespace callbraid::sensor {

// Cuts one direction of a connection of H.323 into messages by their TPKT
// headers (RFC 1006, section 6), which stay with them. After joining in
// mid-stream or a gap, goes on where a segment begins with such a header. Empty
// ones are counted, not handed on.
//
// Holds at most one message. One thread.
class TpktFramer {
 public:
  // `counters` must outlive the framer.
  explicit TpktFramer(SignallingCounters& counters) : counters_(counters) {}

  void Append(std::string_view bytes, MessageFn emit);
  // Bytes are missing here. What came of a message is emitted as truncated.
  void Break(MessageFn emit);
  void Reset();

  size_t bytes() const { return buffer_.size(); }

 private:
  SignallingCounters& counters_;
  // Begins with a message, or the beginning of its header.
  std::string buffer_;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_TPKT_FRAMER_H_
