#ifndef CALLBRAID_COLLECTOR_PLAYOUT_TRANSIT_H_
#define CALLBRAID_COLLECTOR_PLAYOUT_TRANSIT_H_

#include <cstdint>
#include <optional>

namespace callbraid::collector {

// How long packets were on their way, against each other: arrival less RTP
// timestamp (RFC 3550, section 6.4.1), and what a jitter buffer would have made
// of it.
//
// The buffer: a packet is played 60 ms (or as told) after the fastest of the
// last ten to twenty seconds would have to be; one that comes later than that
// is discarded. The seconds are counted in tens of the clock, so that it does
// not matter where one begins to listen. Going by the fastest, it follows the
// drift between the clocks of sender and capture, as buffers do. When ten
// packets in a row came too late, so that it has been empty for a while, it
// begins anew with the next one: the way, or the sender, has become slower for
// good. One thread.
class Transit {
 public:
  static constexpr int64_t kBufferNs = 60'000'000;
  static constexpr int kLateInARow = 10;

  explicit Transit(int64_t buffer_ns = kBufferNs) : buffer_ns_(buffer_ns) {}

  struct Measure {
    // Only differences mean something.
    int64_t transit_ns = 0;
    // Interarrival jitter so far.
    double jitter_ns = 0;
    bool discarded = false;
  };

  // The next packet, in order of arrival. Nullopt, and it is no matter of
  // delay, of packets that share the timestamp of the one before (parts of a
  // frame), and without a clock rate (Hz).
  //
  // Jitter is not measured from one payload type to another: a sender may begin
  // a talkspurt when it likes. A change of more than a second from one packet
  // to the next is a jump of the timestamp, no jitter: the packet is taken to
  // be punctual.
  std::optional<Measure> Add(int64_t time_ns, uint32_t timestamp,
                             uint32_t clock_rate, uint8_t payload_type);

 private:
  void Anchor(int64_t time_ns, uint32_t timestamp, uint32_t clock_rate);
  int64_t LeastOf(int64_t time_ns, int64_t transit_ns);
  void BeginAnew(int64_t transit_ns);

  const int64_t buffer_ns_;
  uint32_t clock_rate_ = 0;
  uint8_t payload_type_ = 0;
  // Unwrapped, since the anchor.
  int64_t timestamp_ = 0;
  int64_t anchor_timestamp_ = 0;
  int64_t anchor_ns_ = 0;
  int64_t last_transit_ns_ = 0;
  double jitter_ns_ = 0;
  // Least of the ten seconds under way, and of those before.
  int64_t window_ns_ = 0;
  int64_t least_ns_ = 0;
  int64_t least_before_ns_ = 0;
  int late_in_a_row_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_PLAYOUT_TRANSIT_H_
