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
// Where several sessions mirror to one place, each has a number: what two of
// them show of a frame are two sights of it, of which none is a copy of the
// other's.
//
// Memory is fixed: 8192 frames in sets of 4, where the oldest of a set makes
// room. Frames may be a little out of order. One thread.
class Deduplicator {
 public:
  // What a frame is to those that came within the window.
  enum class Sight : uint8_t {
    kFirst,
    // A session has mirrored it before, or the one without a number.
    kCopy,
    // Another session has, and this one has not.
    kOfOtherSession,
  };

  // The highest number of a session; 0 is of what comes in none.
  static constexpr uint8_t kMaxSession = 31;

  explicit Deduplicator(int64_t window_ns);

  // Looks for frames like this within the window, and remembers it unless it is
  // a copy. For a fragment the whole of its identification is part of the key.
  Sight Look(int64_t time_ns, const IpPacket& packet, uint8_t session = 0);
  // Whether one came within the window, in whatever session.
  bool IsCopy(int64_t time_ns, const IpPacket& packet, uint8_t session = 0) {
    return Look(time_ns, packet, session) != Sight::kFirst;
  }

  // Frames that made room while still within the window: their copies, if any,
  // passed.
  uint64_t evicted_early() const { return evicted_early_; }

 private:
  static constexpr size_t kWays = 4;
  static constexpr size_t kSets = 2048;
  // All keys of a set have the same lowest bits, so these hold the session.
  static constexpr uint64_t kSessionMask = kMaxSession;
  static_assert(kSets > kMaxSession);

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
