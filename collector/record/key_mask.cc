#include "collector/record/key_mask.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "collector/playout/stream_timeline.h"

namespace callbraid::collector {
namespace {

constexpr uint32_t kListenerRate = 8000;
constexpr int64_t kTicksPerHeard = kTicksPerSecond / kListenerRate;
// Of the grid on which the listener judges.
constexpr int64_t kBlockTicks =
    static_cast<int64_t>(KeyListener::kBlock) * kTicksPerHeard;
// How far a tone may reach beyond what was recognised.
constexpr int64_t kMarginTicks = 40 * kTicksPerMs;

}  // namespace

int64_t KeyMask::Aligned(int64_t tick) {
  const int64_t into = tick % kBlockTicks;
  return tick - (into < 0 ? into + kBlockTicks : into);
}

int64_t KeyMask::HeardUntil(int64_t tick) {
  return tick + kMarginTicks + KeyListener::kDelay * kTicksPerHeard;
}

KeyMask::KeyMask(int64_t begin, uint32_t sample_rate, Intervals told)
    : origin_(Aligned(begin)),
      ticks_per_sample_(kTicksPerSecond / sample_rate),
      told_(std::move(told)),
      held_begin_(begin) {
  if (sample_rate != kListenerRate) {
    resampler_.emplace(sample_rate, kListenerRate);
  }
  keys_.Listen(std::vector<int16_t>(
      static_cast<size_t>((begin - origin_) / kTicksPerHeard)));
}

std::vector<int16_t> KeyMask::Push(std::vector<int16_t> window) {
  Listen(window);
  std::vector<int16_t> done = Finish();
  held_begin_ += static_cast<int64_t>(done.size()) * ticks_per_sample_;
  held_ = std::move(window);
  return done;
}

std::vector<int16_t> KeyMask::Finish() {
  for (const Interval& told : told_) Silence(told.begin, told.end);
  for (const HeardTone& tone : heard_) {
    Silence(TickOf(tone.begin), TickOf(tone.end));
  }
  const int64_t end =
      held_begin_ + static_cast<int64_t>(held_.size()) * ticks_per_sample_;
  if (const auto& current = keys_.current()) {
    Silence(TickOf(current->begin), end);
  }
  std::erase_if(heard_, [&](const HeardTone& tone) {
    return TickOf(tone.end) + kMarginTicks < end;
  });
  return std::exchange(held_, {});
}

void KeyMask::Listen(const std::vector<int16_t>& window) {
  if (resampler_) {
    narrow_.clear();
    resampler_->Process(window, narrow_);
    keys_.Listen(narrow_);
  } else {
    keys_.Listen(window);
  }
  std::vector<HeardTone> over = keys_.Take();
  std::move(over.begin(), over.end(), std::back_inserter(heard_));
}

void KeyMask::Silence(int64_t begin, int64_t end) {
  const auto size = static_cast<int64_t>(held_.size());
  const auto sample = [&](int64_t tick) {
    return std::clamp<int64_t>((tick - held_begin_) / ticks_per_sample_, 0,
                               size);
  };
  const int64_t first = sample(begin - kMarginTicks);
  const int64_t last = sample(end + kMarginTicks);
  if (first < last) {
    std::fill(held_.begin() + first, held_.begin() + last, int16_t{0});
  }
}

int64_t KeyMask::TickOf(int64_t heard) const {
  return origin_ + heard * kTicksPerHeard;
}

}  // namespace callbraid::collector
