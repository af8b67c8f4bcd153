#include "collector/hearing/talk.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace callbraid::collector {
namespace {

constexpr double kMarginDb = 15.9;
constexpr double kAboveNoiseDb = 6;
constexpr size_t kHangoverFrames = 10;
constexpr size_t kLeastFrames = 2;
constexpr double kSilenceDbov = -60;
constexpr double kNoiseDbov = -40;
constexpr double kSteadyDb = 8;

// How loud frames with sound are.
class Loudness {
 public:
  explicit Loudness(const std::vector<uint8_t>& frames) {
    for (const uint8_t frame : frames) {
      if (frame == SpeechMeter::kNothing) continue;
      ++counts_[frame];
      ++total_;
    }
  }
  // What `share` of the frames do not exceed.
  double At(double share) const {
    const auto rank =
        static_cast<uint64_t>((1 - share) * static_cast<double>(total_));
    uint64_t louder = 0;
    for (size_t i = 0; i < counts_.size(); ++i) {
      louder += counts_[i];
      if (louder > rank) return SpeechMeter::ToDbov(static_cast<uint8_t>(i));
    }
    return SpeechMeter::ToDbov(SpeechMeter::kNothing);
  }

  uint64_t total() const { return total_; }

 private:
  std::array<uint64_t, SpeechMeter::kNothing> counts_ = {};
  uint64_t total_ = 0;
};

// Nullopt if there is nothing but silence or noise.
std::optional<double> ThresholdOf(const SpeechMeter& meter) {
  const auto level = meter.ActiveLevel();
  if (!level || *level < kSilenceDbov) return std::nullopt;
  const Loudness loudness(meter.frames());
  const double quiet = loudness.At(0.1);
  const double of_level = std::max(*level - kMarginDb, kSilenceDbov);
  if (loudness.At(0.95) - quiet < kSteadyDb) {
    if (*level < kNoiseDbov) return std::nullopt;
    return of_level;
  }
  return std::max(of_level, quiet + kAboveNoiseDb);
}

void FindTalk(const std::vector<uint8_t>& frames, double threshold,
              std::vector<bool>& talk) {
  size_t loud = 0;
  size_t until = 0;
  for (size_t i = 0; i < frames.size(); ++i) {
    const bool is_loud = frames[i] != SpeechMeter::kNothing &&
                         SpeechMeter::ToDbov(frames[i]) >= threshold;
    loud = is_loud ? loud + 1 : 0;
    if (loud >= kLeastFrames) {
      until = i + 1 + kHangoverFrames;
      if (loud == kLeastFrames) {
        std::fill_n(talk.begin() + static_cast<ptrdiff_t>(i + 1 - loud), loud,
                    true);
      }
    }
    if (i < until) talk[i] = true;
  }
}

// The median: beginnings and ends of words are no noise.
std::optional<double> NoiseIn(const std::vector<uint8_t>& frames,
                              const std::vector<bool>& talk) {
  std::vector<uint8_t> pauses;
  for (size_t i = 0; i < frames.size(); ++i) {
    if (!talk[i]) pauses.push_back(frames[i]);
  }
  const Loudness loudness(pauses);
  if (loudness.total() == 0) return std::nullopt;
  return loudness.At(0.5);
}

}  // namespace

Talk TalkIn(const SpeechMeter& meter) {
  Talk talk;
  talk.frames.assign(meter.frames().size(), false);
  if (const auto threshold = ThresholdOf(meter)) {
    FindTalk(meter.frames(), *threshold, talk.frames);
  }
  talk.noise_dbov = NoiseIn(meter.frames(), talk.frames);
  return talk;
}

}  // namespace callbraid::collector
