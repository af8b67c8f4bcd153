#include "sensor/uplink/replay_window.h"

#include <algorithm>

namespace callbraid::sensor {

void ReplayWindow::OnSent(uint64_t spool_id, uint64_t last, size_t bytes,
                          int64_t now_ns) {
  sent_.push_back({spool_id, last, bytes, now_ns});
  in_flight_bytes_ += bytes;
}

void ReplayWindow::OnAcknowledged(uint64_t spool_id, uint64_t stored,
                                  int64_t now_ns) {
  size_t bytes = 0;
  int64_t longest_ns = 0;
  std::erase_if(sent_, [&](const Sent& sent) {
    if (sent.spool_id != spool_id || sent.last > stored) return false;
    bytes += sent.bytes;
    longest_ns = std::max(longest_ns, now_ns - sent.time_ns);
    return true;
  });
  if (bytes == 0) return;
  in_flight_bytes_ -= bytes;
  if (shortest_ns_ == 0) shortest_ns_ = longest_ns;
  shortest_ns_ = std::min(shortest_ns_, longest_ns);
  window_bytes_ = longest_ns > shortest_ns_ + kToleratedNs
                      ? std::max(window_bytes_ / 2, kLeastBytes)
                      : std::min(window_bytes_ + bytes, kMostBytes);
}

}  // namespace callbraid::sensor
