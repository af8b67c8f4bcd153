#ifndef CALLBRAID_SENSOR_DECAP_DEDUPLICATOR_H_
#define CALLBRAID_SENSOR_DECAP_DEDUPLICATOR_H_

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "sensor/decap/ip_packet.h"

namespace callbraid::sensor {

// Tells the copies that a mirror makes of one frame: a frame that enters by one
// mirrored port and leaves by another is seen twice (three times with a trunk),
// 1 to 25 us apart, some with equal times.
//
// A copy has the same addresses, protocol and transport bytes (ports, lengths,
// TCP sequence, acknowledgement, flags and window, payload) and comes within
// the window of the first. TTL, DSCP, MAC and VLAN may differ, and checksums
// may be partial: none of them counts. The IPv4 id is no part of the key either
// (real senders keep it constant or 0), but two ids that differ, both not zero,
// prove two sends: a DTMF sender that repeats its last packet (RFC 4733,
// section 2.5.1.4), a TCP retransmission. SIP retransmissions are 500 ms apart
// (RFC 3261, T1) and so outside the window.
//
// Memory is fixed: 8192 frames in sets of 4, where the oldest of a set makes
// room. Frames may be a little out of order. One thread.
class Deduplicator {
 public:
  explicit Deduplicator(int64_t window_ns);

  // True if a frame like this came within the window; else remembers it. For a
  // fragment the whole of its identification is part of the key.
  bool IsCopy(int64_t time_ns, const IpPacket& packet);

  // Frames that made room while still within the window: their copies, if any,
  // passed.
  uint64_t evicted_early() const { return evicted_early_; }

 private:
  static constexpr size_t kWays = 4;
  static constexpr size_t kSets = 2048;

  struct Entry {
    uint64_t key = 0;
    // Time in us (48 bits), IPv4 id (16 bits).
    uint64_t stamp = 0;
  };
  // Newest first. One cache line.
  struct alignas(64) Set {
    std::array<Entry, kWays> entries;
  };

  bool IsWithinWindow(uint64_t stamp, uint64_t other) const;

  const int64_t window_us_;
  const std::unique_ptr<std::array<Set, kSets>> sets_;
  uint64_t evicted_early_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_DEDUPLICATOR_H_
