#include "collector/playout/packet_gaps.h"

#include <cstddef>
#include <utility>

namespace callbraid::collector {
namespace {

constexpr size_t kMaxSilent = 1024;
// Of comfort noise: the level and more coefficients than anybody sends.
constexpr size_t kMaxComfortBytes = 32;
// A larger step of the sequence is a restart, not loss.
constexpr int kMaxLossRun = 3000;

int StepFrom(uint16_t a, uint16_t b) {
  return static_cast<int16_t>(static_cast<uint16_t>(b - a));
}

}  // namespace

void PacketGaps::AddSilent(uint16_t sequence,
                           const std::string& comfort_noise) {
  if (silent_.size() >= kMaxSilent) silent_.pop_front();
  silent_.push_back({sequence, comfort_noise.substr(0, kMaxComfortBytes)});
}

PacketGaps::Before PacketGaps::Pass(uint16_t sequence, bool ends_in_pause) {
  Before before;
  int missing = StepFrom(last_sequence_, sequence) - 1;
  const bool lost_possible =
      any_passed_ && missing > 0 && missing < kMaxLossRun;
  for (auto it = silent_.begin(); it != silent_.end();) {
    if (StepFrom(it->sequence, sequence) < 0) {
      ++it;
      continue;
    }
    if (StepFrom(last_sequence_, it->sequence) > 0) {
      --missing;
      if (!it->comfort_noise.empty()) {
        before.comfort_noise = std::move(it->comfort_noise);
      }
    }
    it = silent_.erase(it);
  }
  before.lost = lost_possible && missing > 0;
  before.pause = any_passed_ && (last_pauses_ || !before.comfort_noise.empty());
  any_passed_ = true;
  last_sequence_ = sequence;
  last_pauses_ = ends_in_pause;
  return before;
}

}  // namespace callbraid::collector
