#include "collector/playout/transit.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

#include "common/rtp/sequence.h"

namespace callbraid::collector {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kWindowNs = 10 * kSecond;
int64_t WindowOf(int64_t time_ns) { return time_ns - time_ns % kWindowNs; }

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

}  // namespace

std::optional<Transit::Measure> Transit::Add(int64_t time_ns,
                                             uint32_t timestamp,
                                             uint32_t clock_rate,
                                             uint8_t payload_type) {
  const bool same_type = payload_type == payload_type_;
  payload_type_ = payload_type;
  if (clock_rate == 0) return std::nullopt;
  bool same_frame = false;
  if (clock_rate != clock_rate_) {
    const bool is_first = clock_rate_ == 0;
    Anchor(time_ns, timestamp, clock_rate);
    if (is_first) {
      window_ns_ = WindowOf(time_ns);
      least_ns_ = least_before_ns_ = kNever;
    }
  } else {
    same_frame = timestamp == static_cast<uint32_t>(timestamp_);
  }
  timestamp_ = Unwrap(timestamp, timestamp_);
  const auto played = std::llround(
      static_cast<double>(timestamp_ - anchor_timestamp_) * 1e9 / clock_rate);
  int64_t transit = time_ns - anchor_ns_ - played;
  const int64_t change =
      std::abs(transit - std::exchange(last_transit_ns_, transit));
  if (same_frame) return std::nullopt;
  if (change > kSecond) {
    Anchor(time_ns, timestamp, clock_rate);
    transit = last_transit_ns_;
  } else if (same_type) {
    jitter_ns_ += (static_cast<double>(change) - jitter_ns_) / 16;
  }
  const bool discarded = transit - LeastOf(time_ns, transit) > buffer_ns_;
  late_in_a_row_ = discarded ? late_in_a_row_ + 1 : 0;
  if (late_in_a_row_ == kLateInARow) BeginAnew(transit);
  return Measure{transit, jitter_ns_, discarded};
}

// So that this packet's transit is that of the fastest: it is punctual.
void Transit::Anchor(int64_t time_ns, uint32_t timestamp, uint32_t clock_rate) {
  if (clock_rate_ != 0)
    last_transit_ns_ = std::min(least_ns_, least_before_ns_);
  clock_rate_ = clock_rate;
  timestamp_ = anchor_timestamp_ = timestamp;
  anchor_ns_ = time_ns - last_transit_ns_;
}

void Transit::BeginAnew(int64_t transit_ns) {
  late_in_a_row_ = 0;
  least_ns_ = transit_ns;
  least_before_ns_ = kNever;
}

int64_t Transit::LeastOf(int64_t time_ns, int64_t transit_ns) {
  if (time_ns - window_ns_ >= kWindowNs) {
    // After a pause, what was before it tells nothing.
    least_before_ns_ =
        time_ns - window_ns_ < 2 * kWindowNs ? least_ns_ : kNever;
    least_ns_ = kNever;
    window_ns_ = WindowOf(time_ns);
  }
  least_ns_ = std::min(least_ns_, transit_ns);
  return std::min(least_ns_, least_before_ns_);
}

}  // namespace callbraid::collector
