#ifndef CALLBRAID_SENSOR_SIGNALLING_TCP_STREAM_H_
#define CALLBRAID_SENSOR_SIGNALLING_TCP_STREAM_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sensor/decap/datagram.h"
#include "sensor/signalling/signalling_discard.h"
#include "sensor/signalling/stream_framer.h"
#include "sensor/signalling/stream_message.h"

namespace callbraid::sensor {

// One direction of a TCP connection that carries signalling: puts segments in
// order, drops what was sent again, and cuts the bytes into messages.
//
// May be joined in mid-stream. Segments ahead of a gap are kept for a while,
// bounded by number and bytes; then the gap is taken for lost. One thread.
class TcpStream {
 public:
  // `counters` must outlive the stream. `binary`,
  // `tls`: as of StreamFramer.
  TcpStream(SignallingCounters& counters, BinaryProtocol binary,
            std::shared_ptr<TlsSession> tls = nullptr)
      : counters_(counters), framer_(counters, binary, std::move(tls)) {}

  // `now_ns` is the pipeline's clock.
  void OnSegment(const Datagram& segment, int64_t now_ns, StreamMessageFn emit);
  // Gives up a gap that was waited for long enough; reads what a key has come
  // for.
  void OnTick(int64_t now_ns, StreamMessageFn emit);
  // Nothing follows, or the connection is gone.
  void Finish(StreamMessageFn emit);

  // The connection was closed, all that was sent on it has been seen, and none
  // of it waits for a key.
  bool finished() const { return finished_; }

  // Of the message that is emitted. Its time is that of the segment with which
  // it was complete: what waited for a gap to be filled has the time of the
  // filling.
  MessageKind kind() const { return framer_.kind(); }
  Transport transport() const { return framer_.transport(); }
  // Of both directions.
  const std::shared_ptr<TlsSession>& tls_session() const {
    return framer_.tls_session();
  }

  // Segments wait for one before them.
  bool has_gap() const { return !held_.empty(); }

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
  // Finishes, unless something waits for a key.
  void End(StreamMessageFn emit);
  // Goes on behind the gap.
  void SkipGap(StreamMessageFn emit);

  SignallingCounters& counters_;
  StreamFramer framer_;
  bool begun_ = false;
  bool closed_ = false;
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
