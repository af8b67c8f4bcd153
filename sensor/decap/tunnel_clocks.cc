#include "sensor/decap/tunnel_clocks.h"

#include <algorithm>
#include <cstdlib>

namespace callbraid::sensor {
namespace {

// More between two stamps is another numbering; less cannot overflow.
constexpr int64_t kMaxStepTicks = int64_t{1} << 40;

}  // namespace

int64_t TunnelClocks::TimeOf(const IpAddress& source,
                             const IpAddress& destination, const Tunnel& tunnel,
                             int64_t arrival_ns) {
  if (!tunnel.stamp) return arrival_ns;
  const TunnelStamp& stamp = *tunnel.stamp;
  if (stamp.unit_ns == 0) {
    ++refused_;
    return arrival_ns;
  }
  const Key key = {source, destination, tunnel.id, stamp.clock};
  auto found = clocks_.find(key);
  if (found == clocks_.end()) {
    // So many are no tunnels that somebody set up: what is real begins anew.
    if (clocks_.size() == kMaxTunnels) clocks_.clear();
    found = clocks_.emplace(key, SwitchClock()).first;
    Begin(stamp.ticks, arrival_ns, found->second);
  } else if (!Follow(stamp, arrival_ns, found->second)) {
    Begin(stamp.ticks, arrival_ns, found->second);
  }
  SwitchClock& clock = found->second;
  clock.proofs = std::min(clock.proofs + 1, kProof);
  if (clock.proofs < kProof || arrival_ns - clock.since_ns < kProofNs) {
    ++refused_;
    return arrival_ns;
  }
  ++used_;
  return clock.stamp_ns + std::min(clock.least_ns, clock.least_before_ns);
}

void TunnelClocks::Begin(uint64_t ticks, int64_t arrival_ns,
                         SwitchClock& clock) {
  clock = {};
  clock.last_ticks = ticks;
  clock.since_ns = clock.window_begin_ns = arrival_ns;
  clock.least_ns = arrival_ns;
}

bool TunnelClocks::Follow(const TunnelStamp& stamp, int64_t arrival_ns,
                          SwitchClock& clock) {
  const uint64_t difference = stamp.ticks - clock.last_ticks;
  const int64_t step =
      stamp.wraps_at_32_bits
          ? static_cast<int32_t>(static_cast<uint32_t>(difference))
          : static_cast<int64_t>(difference);
  if (step > kMaxStepTicks || step < -kMaxStepTicks) return false;
  clock.last_ticks = stamp.ticks;
  clock.stamp_ns += step * stamp.unit_ns;
  const int64_t ahead_ns = arrival_ns - clock.stamp_ns;
  if (std::abs(ahead_ns - std::min(clock.least_ns, clock.least_before_ns)) >
      kMaxDelayNs) {
    return false;
  }
  const int64_t windows = (arrival_ns - clock.window_begin_ns) / kWindowNs;
  // The fastest of a few need not have been fast.
  if (windows < 1 || clock.in_window < kProof) {
    clock.least_ns = std::min(clock.least_ns, ahead_ns);
    ++clock.in_window;
    return true;
  }
  const bool drifts =
      clock.least_before_ns != kNone &&
      std::abs(clock.least_ns - clock.least_before_ns) / kMaxDriftNs > windows;
  clock.window_begin_ns = arrival_ns;
  clock.in_window = 1;
  clock.least_before_ns = clock.least_ns;
  clock.least_ns = ahead_ns;
  return !drifts;
}

}  // namespace callbraid::sensor
