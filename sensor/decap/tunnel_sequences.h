#ifndef CALLBRAID_SENSOR_DECAP_TUNNEL_SEQUENCES_H_
#define CALLBRAID_SENSOR_DECAP_TUNNEL_SEQUENCES_H_

#include <cstddef>
#include <cstdint>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "common/net/endpoint.h"

namespace callbraid::sensor {

// Counts what is missing in the numbering of tunnels (RFC 2890: of one key;
// ERSPAN: of one session, between two addresses).
//
// A number counts as missing when kWindow later ones have come, so packets may
// be out of order or come twice. A numbering that jumps by more than kMaxGap,
// either way, begins anew with the second packet in sequence; one that stands
// still (some senders write 0) misses nothing. Memory is bounded. One thread.
class TunnelSequences {
 public:
  static constexpr int32_t kWindow = 64;
  static constexpr int32_t kMaxGap = 10'000;
  static constexpr size_t kMaxTunnels = 256;

  void OnPacket(const IpAddress& source, const IpAddress& destination,
                uint32_t id, uint32_t sequence);
  // Nothing follows: what is missing now stays so.
  void Finish();

  uint64_t missing() const { return missing_; }
  // Tunnels that are followed.
  size_t size() const { return numberings_.size(); }

 private:
  using Key = std::tuple<IpAddress, IpAddress, uint32_t>;
  struct Numbering {
    uint32_t highest = 0;
    // Bit i: highest - i has come. What was before the first counts as come.
    uint64_t come = ~uint64_t{0};
    // Where a numbering that jumped would go on.
    uint32_t anew = 0;
  };

  void Advance(Numbering& numbering, int32_t ahead);

  absl::flat_hash_map<Key, Numbering> numberings_;
  uint64_t missing_ = 0;
};

}  // namespace callbraid::sensor

#endif  // CALLBRAID_SENSOR_DECAP_TUNNEL_SEQUENCES_H_
