#include "collector/record/concealer.h"

#include <algorithm>

namespace callbraid::collector {

void Concealer::Remember(std::span<const int16_t> pcm) {
  const size_t capacity = sample_rate_ / 40;
  if (pcm.size() > capacity) pcm = pcm.last(capacity);
  const size_t keep = std::min(history_.size(), capacity - pcm.size());
  history_.erase(history_.begin(), history_.end() - keep);
  history_.insert(history_.end(), pcm.begin(), pcm.end());
}

void Concealer::Conceal(size_t count, std::vector<int16_t>& pcm) const {
  const size_t before = pcm.size();
  pcm.resize(before + count, 0);
  const size_t period = PitchPeriod();
  if (period == 0) return;
  const int16_t* cycle = history_.data() + history_.size() - period;
  const auto fade = static_cast<int64_t>(max_samples());
  const auto end = std::min<int64_t>(static_cast<int64_t>(count), fade);
  for (int64_t i = 0; i < end; ++i) {
    pcm[before + i] = static_cast<int16_t>(
        cycle[static_cast<size_t>(i) % period] * (fade - i) / fade);
  }
}

// The lag between 2.5 and 15 ms at which the last 10 ms are most like what went
// before. 0 if there is too little to tell.
size_t Concealer::PitchPeriod() const {
  const size_t window = sample_rate_ / 100;
  const size_t longest = sample_rate_ * 15 / 1000;
  if (history_.size() < window + longest) return 0;
  const int16_t* recent = history_.data() + history_.size() - window;
  size_t best = longest;
  double best_score = 0;
  for (size_t lag = sample_rate_ / 400; lag <= longest; ++lag) {
    int64_t product = 0;
    int64_t energy = 1;
    for (size_t i = 0; i < window; ++i) {
      const int32_t past = recent[static_cast<ptrdiff_t>(i - lag)];
      product += int64_t{recent[i]} * past;
      energy += int64_t{past} * past;
    }
    if (product <= 0) continue;
    const double score = static_cast<double>(product) *
                         static_cast<double>(product) /
                         static_cast<double>(energy);
    if (score > best_score) {
      best_score = score;
      best = lag;
    }
  }
  return best;
}

}  // namespace callbraid::collector
