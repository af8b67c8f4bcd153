#ifndef CALLBRAID_SENSOR_SIGNALLING_TCP_STREAM_H_
#define CALLBRAID_SENSOR_SIGNALLING_TCP_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "sensor/decap/datagram.h"
#include "sensor/signalling/signalling_discard.h"
#include "sensor/signalling/stream_framer.h"

namespace callbraid::sensor {

// Takes a message; `time_ns` is the arrival of the segment that completed it.
using StreamMessageFn = absl::FunctionRef<void(
    int64_t time_ns, std::string_view message, bool truncated)>;

// One direction of a TCP connection that carries signalling: puts segments in
// order, drops what was sent again, and cuts the bytes into messages.
//
// May be joined in mid-stream. Segments ahead of a gap are kept for a while,
// bounded by number and bytes; then the gap is taken for lost. One thread.
class TcpStream {
 public:
  // `counters` must outlive the stream.
  TcpStream(SignallingCounters& counters, bool on_sccp_port)
      : counters_(counters), framer_(counters, on_sccp_port) {}

  // `now_ns` is the pipeline's clock.
  void OnSegment(const Datagram& segment, int64_t now_ns, StreamMessageFn emit);
  // Gives up a gap that was waited for long enough.
  void OnTick(int64_t now_ns, StreamMessageFn emit);
  // Nothing follows, or the connection is gone.
  void Finish(StreamMessageFn emit);

  // The connection was closed, and all that was sent on it has been seen.
  bool finished() const { return finished_; }

  // Of the message that is emitted.
  MessageKind kind() const { return framer_.kind(); }
  Transport transport() const { return framer_.transport(); }

  // Held in memory.
  size_t bytes() const { return framer_.bytes() + held_bytes_; }

 private:
  struct Segment {
    uint32_t sequence = 0;
    int64_t time_ns = 0;
    bool truncated = false;
    std::string bytes;
  };

  void Take(const Segment& segment, StreamMessageFn emit);
  void Hold(Segment segment, int64_t now_ns);
  // Takes what fits now.
  void TakeHeld(StreamMessageFn emit);
  // Goes on behind the gap.
  void SkipGap(StreamMessageFn emit);

  SignallingCounters& counters_;
  StreamFramer framer_;
  bool begun_ = false;
  bool finished_ = false;
  uint32_t next_sequence_ = 0;
  int64_t last_time_ns_ = 0;
  // In order of their sequence numbers.
  std::vector<Segment> held_;
  size_t held_bytes_ = 0;
  int64_t gap_since_ns_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_SIGNALLING_TCP_STREAM_H_
