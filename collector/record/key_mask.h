#ifndef CALLBRAID_COLLECTOR_RECORD_KEY_MASK_H_
#define CALLBRAID_COLLECTOR_RECORD_KEY_MASK_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "collector/playout/intervals.h"
#include "collector/record/resampler.h"
#include "collector/record/tone_listener.h"

namespace callbraid::collector {

// Makes one channel of a recording silent where keys are heard as tones, and
// where `told` says that they were signalled beside the audio: gateways leave
// the beginning of the tone in it. A window of audio is held back meanwhile.
//
// One thread.
class KeyMask {
 public:
  // The first window begins at tick `begin`; what came before is not known.
  KeyMask(int64_t begin, uint32_t sample_rate, Intervals told);

  // Where to begin so that the same is silent whatever comes before.
  static int64_t Aligned(int64_t tick);
  // Until where to go on so that the same is silent before `tick` whatever
  // comes after.
  static int64_t HeardUntil(int64_t tick);

  // In place of what it was told before.
  void Tell(Intervals told) { told_ = std::move(told); }
  // Takes the next window, and gives the one before it; empty the first time.
  std::vector<int16_t> Push(std::vector<int16_t> window);
  // The last window.
  std::vector<int16_t> Finish();

 private:
  void Listen(const std::vector<int16_t>& window);
  void Silence(int64_t begin, int64_t end);
  int64_t TickOf(int64_t heard) const;

  const int64_t origin_;
  const int64_t ticks_per_sample_;
  Intervals told_;
  KeyListener keys_;
  // Where the recording has another rate than the listener.
  std::optional<Resampler> resampler_;
  std::vector<int16_t> narrow_;
  std::vector<HeardTone> heard_;
  std::vector<int16_t> held_;
  int64_t held_begin_;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_RECORD_KEY_MASK_H_
