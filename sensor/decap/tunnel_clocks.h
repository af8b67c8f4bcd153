#ifndef CALLBRAID_SENSOR_DECAP_TUNNEL_CLOCKS_H_
#define CALLBRAID_SENSOR_DECAP_TUNNEL_CLOCKS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "common/net/endpoint.h"
#include "sensor/decap/tunnel.h"

namespace callbraid::sensor {

// Makes capture times of the stamps that switches put on what they mirror.
//
// A switch's clock has an epoch of its own, and may be off by seconds. So only
// the distances between its stamps are taken from it, and the time of day from
// the sensor: a frame's time is its stamp, moved so that the frame that was
// fastest on the way from the switch, of those of the last second or two and of
// 64 at least, arrived at its own time. What comes of it is never later than
// the arrival, and free of what the way adds.
//
// The clock of a tunnel is believed when 64 stamps over two seconds have run
// with the arrivals, and until one is off by 100 ms, or it drifts by 5 ms in a
// second; then it has to prove itself again. Memory is bounded. One thread.
class TunnelClocks {
 public:
  static constexpr size_t kMaxTunnels = 256;
  static constexpr int kProof = 64;
  static constexpr int64_t kProofNs = int64_t{2} * 1'000'000'000;
  static constexpr int64_t kMaxDelayNs = 100'000'000;
  static constexpr int64_t kMaxDriftNs = 5'000'000;  // In each kWindowNs.
  static constexpr int64_t kWindowNs = 1'000'000'000;

  // When the frame in `tunnel` was captured: by its stamp if that can be
  // believed, else `arrival_ns`.
  int64_t TimeOf(const IpAddress& source, const IpAddress& destination,
                 const Tunnel& tunnel, int64_t arrival_ns);

  // Frames with a time by their stamp, and those whose stamp was not used.
  uint64_t used() const { return used_; }
  uint64_t refused() const { return refused_; }
  size_t size() const { return clocks_.size(); }

 private:
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::max();
  // A session may come from several chips, each with a clock.
  using Key = std::tuple<IpAddress, IpAddress, uint32_t, uint8_t>;
  struct SwitchClock {
    uint64_t last_ticks = 0;
    // Of the last stamp, since the first.
    int64_t stamp_ns = 0;
    // What the proof began with.
    int64_t since_ns = 0;
    int proofs = 0;
    // Least arrival minus stamp, of this window and the one before.
    int64_t window_begin_ns = 0;
    int in_window = 0;
    int64_t least_ns = kNone;
    int64_t least_before_ns = kNone;
  };

  static void Begin(uint64_t ticks, int64_t arrival_ns, SwitchClock& clock);
  // False if the stamp does not fit those before.
  static bool Follow(const TunnelStamp& stamp, int64_t arrival_ns,
                     SwitchClock& clock);

  absl::flat_hash_map<Key, SwitchClock> clocks_;
  uint64_t used_ = 0;
  uint64_t refused_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_TUNNEL_CLOCKS_H_
