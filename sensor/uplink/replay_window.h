#ifndef CALLBRAID_SENSOR_UPLINK_REPLAY_WINDOW_H_
#define CALLBRAID_SENSOR_UPLINK_REPLAY_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <deque>

namespace callbraid::sensor {

// How much of a backlog may be on its way at once: as much as does not make
// what is sent between it wait. The time that acks take shows that, as in
// LEDBAT (RFC 6817): while it is about the shortest seen, more is let through,
// and half as much when it has grown, whether by the link or by the collector.
//
// Of one connection. One thread.
class ReplayWindow {
 public:
  // A batch, so that a backlog always moves.
  static constexpr size_t kLeastBytes = size_t{256} << 10;
  static constexpr size_t kMostBytes = size_t{8} << 20;
  // By how much acks may be later than the first were.
  static constexpr int64_t kToleratedNs = 150'000'000;

  bool open() const { return in_flight_bytes_ < window_bytes_; }
  size_t window_bytes() const { return window_bytes_; }

  // A batch was sent that ends with frame `last`.
  void OnSent(uint64_t spool_id, uint64_t last, size_t bytes, int64_t now_ns);
  // The collector has everything up to frame `stored`.
  void OnAcknowledged(uint64_t spool_id, uint64_t stored, int64_t now_ns);

 private:
  struct Sent {
    uint64_t spool_id = 0;
    uint64_t last = 0;
    size_t bytes = 0;
    int64_t time_ns = 0;
  };

  // In the order in which they were sent.
  std::deque<Sent> sent_;
  size_t in_flight_bytes_ = 0;
  size_t window_bytes_ = kLeastBytes;
  // How long an ack took; 0 before the first.
  int64_t shortest_ns_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_UPLINK_REPLAY_WINDOW_H_
