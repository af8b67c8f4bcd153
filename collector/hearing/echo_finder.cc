#include "collector/hearing/echo_finder.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace callbraid::collector {
namespace {

// Of the mean square at 2 kHz; speech of -45 dBov at 8 kHz is above that.
constexpr double kLeastPower = 60 * 60;
// 3 dB.
constexpr double kWeaker = 0.5;
// Less than this of what was said is not looked for.
constexpr double kWeakest = 1e-6;
constexpr float kCorrelation = 0.4F;
// What is found elsewhere may be so much of the best, beyond 25 ms of it: a
// voice resembles itself a period later.
constexpr float kElsewhere = 0.7F;
constexpr size_t kNearLags = 50;
constexpr size_t kSameLags = 4;
constexpr uint32_t kLeastSeconds = 3;
constexpr double kLeastShare = 1.0 / 3;
// A call has echo all the time or not: of a long one, every fourth second of
// speech is enough.
constexpr uint64_t kFirstSeconds = 30;
constexpr uint64_t kOneOf = 4;

// A windowed sinc with its edge at 0.9 kHz.
std::array<float, 32> LowPass() {
  std::array<float, 32> taps;
  constexpr double kEdge = 2 * 900.0 / 8000;
  double sum = 0;
  for (size_t i = 0; i < taps.size(); ++i) {
    const double x = static_cast<double>(i) - (taps.size() - 1) / 2.0;
    const double angle = std::numbers::pi * kEdge * x;
    const double window =
        0.54 - 0.46 * std::cos(2 * std::numbers::pi * static_cast<double>(i) /
                               (taps.size() - 1));
    taps[i] = static_cast<float>(window * std::sin(angle) / angle);
    sum += taps[i];
  }
  for (float& tap : taps) tap = static_cast<float>(tap / sum);
  return taps;
}

// Double: the loud is taken out of it again, and the quiet must be left.
double Power(std::span<const float> samples) {
  return std::inner_product(samples.begin(), samples.end(), samples.begin(),
                            0.0);
}

}  // namespace

void Thinner::Process(std::span<const int16_t> pcm, std::vector<float>& out) {
  static const std::array<float, kTaps> kLowPass = LowPass();
  for (const int16_t sample : pcm) {
    recent_[next_] = recent_[next_ + kTaps] = static_cast<float>(sample);
    next_ = (next_ + 1) % kTaps;
    if (++phase_ < kFactor) continue;
    phase_ = 0;
    const float low = std::inner_product(
        kLowPass.begin(), kLowPass.end(),
        recent_.begin() + static_cast<ptrdiff_t>(next_), 0.0F);
    // Evens the spectrum of speech out, for a sharper peak; no DC is left.
    out.push_back(low - 0.95F * before_);
    before_ = low;
  }
}

void EchoFinder::Listen(std::span<const float> voice,
                        std::span<const float> other) {
  voice_.insert(voice_.end(), voice.begin(), voice.end());
  other_.insert(other_.end(), other.begin(), other.end());
  while (std::min(voice_.size(), other_.size()) >= kRate + kLastLag) {
    LookAtSecond();
    voice_.erase(voice_.begin(), voice_.begin() + kRate);
    other_.erase(other_.begin(), other_.begin() + kRate);
  }
}

bool EchoFinder::IsWanted() {
  const uint64_t number = eligible_++;
  return number < kFirstSeconds || number % kOneOf == 0;
}

// The first of voice_, and of other_ that and what comes within kLastLag.
void EchoFinder::LookAtSecond() {
  const auto voice = std::span<const float>(voice_).first(kRate);
  const double said = Power(voice);
  if (said < kLeastPower * kRate) return;
  double came = Power(std::span<const float>(other_).subspan(kFirstLag, kRate));
  if (came > said * kWeaker || !IsWanted()) return;
  ++looked_at_;
  // Each delay has a sum of its own, so that they are added up side by side.
  std::array<float, kLags> sums = {};
  for (size_t i = 0; i < kRate; ++i) {
    const float sample = voice[i];
    const float* const later = other_.data() + i + kFirstLag;
    for (size_t lag = 0; lag < kLags; ++lag) sums[lag] += sample * later[lag];
  }
  std::array<float, kLags> likeness;
  for (size_t lag = 0; lag < kLags; ++lag) {
    likeness[lag] =
        came > kWeakest * said
            ? std::abs(sums[lag]) / static_cast<float>(std::sqrt(said * came))
            : 0;
    const double first = other_[kFirstLag + lag];
    const double next = other_[kFirstLag + lag + kRate];
    came += next * next - first * first;
  }
  const size_t best = static_cast<size_t>(
      std::max_element(likeness.begin(), likeness.end()) - likeness.begin());
  if (likeness[best] < kCorrelation) return;
  for (size_t lag = 0; lag < kLags; ++lag) {
    const size_t away = lag > best ? lag - best : best - lag;
    if (away > kNearLags && likeness[lag] > kElsewhere * likeness[best]) return;
  }
  // A return between two delays is half at either.
  const float before = best > 0 ? sums[best - 1] : 0;
  const float after = best + 1 < kLags ? sums[best + 1] : 0;
  const float beside = std::max(std::abs(before), std::abs(after));
  ++delays_[best].seconds;
  delays_[best].gains += std::hypot(sums[best], beside) / said;
}

std::optional<EchoFinder::Found> EchoFinder::Result() const {
  uint32_t seconds = 0;
  double gains = 0;
  double weighted_lags = 0;
  for (size_t i = 0; i < kLags; ++i) {
    if (delays_[i].seconds == 0) continue;
    uint32_t near = 0;
    double near_gains = 0;
    double near_lags = 0;
    for (size_t j = i; j < std::min(kLags, i + kSameLags + 1); ++j) {
      near += delays_[j].seconds;
      near_gains += delays_[j].gains;
      near_lags += static_cast<double>(delays_[j].seconds * (kFirstLag + j));
    }
    if (near <= seconds) continue;
    seconds = near;
    gains = near_gains;
    weighted_lags = near_lags;
  }
  const double share =
      looked_at_ == 0 ? 0 : seconds / static_cast<double>(looked_at_);
  if (seconds < kLeastSeconds || share < kLeastShare) return std::nullopt;
  return Found{1000 * weighted_lags / seconds / kRate,
               -20 * std::log10(gains / seconds), share};
}

}  // namespace callbraid::collector
