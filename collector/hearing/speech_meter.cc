#include "collector/hearing/speech_meter.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace callbraid::collector {
namespace {

constexpr double kOverload = 32768;
// ITU-T P.56, table 1: time constant, hangover, margin.
constexpr double kTimeConstant = 0.03;
constexpr int kHangoverMs = 200;
constexpr double kMarginDb = 15.9;
// The envelope is looked at each millisecond: P.56 asks for 694 a second.
constexpr size_t kSamplesPerMs = SpeechMeter::kRate / 1000;

constexpr int kClipped = 32000;
constexpr int kShortestRun = 3;

double Db(double squares, double samples) {
  return 10 * std::log10(squares / samples / (kOverload * kOverload));
}

}  // namespace

SpeechMeter::SpeechMeter() { hangover_ms_.fill(kHangoverMs); }

void SpeechMeter::Listen(std::span<const int16_t> pcm) {
  static const double kKeep = std::exp(-1 / (kRate * kTimeConstant));
  for (const int16_t sample : pcm) {
    const double value = sample;
    smoothed_ = kKeep * smoothed_ + (1 - kKeep) * std::abs(value);
    envelope_ = kKeep * envelope_ + (1 - kKeep) * smoothed_;
    frame_squares_ += value * value;
    LookForClipping(sample);
    ++in_frame_;
    if (in_frame_ % kSamplesPerMs == 0) CompareEnvelope();
    if (in_frame_ == kFrameSamples) EndFrame();
  }
}

// Thresholds are the powers of two from 1 to 2^14.
void SpeechMeter::CompareEnvelope() {
  for (size_t i = 0; i < kThresholds; ++i) {
    if (envelope_ >= static_cast<double>(1 << i)) {
      hangover_ms_[i] = 0;
    } else if (hangover_ms_[i] == kHangoverMs) {
      continue;
    } else {
      ++hangover_ms_[i];
    }
    ++active_ms_[i];
  }
}

void SpeechMeter::EndFrame() {
  squares_ += frame_squares_;
  uint8_t loudness = kNothing;
  if (frame_squares_ > 0) {
    const double halves = -2 * Db(frame_squares_, kFrameSamples);
    loudness = static_cast<uint8_t>(std::clamp(std::lround(halves), 0L, 254L));
  }
  frames_.push_back(loudness);
  frame_squares_ = 0;
  in_frame_ = 0;
}

void SpeechMeter::LookForClipping(int16_t sample) {
  const int sign = sample >= kClipped ? 1 : sample <= -kClipped ? -1 : 0;
  if (sign == 0 || sign * run_ < 0) run_ = 0;
  if (sign == 0) return;
  run_ += sign;
  if (std::abs(run_) == kShortestRun) {
    ++clipped_runs_;
    clipped_samples_ += kShortestRun;
  } else if (std::abs(run_) > kShortestRun) {
    ++clipped_samples_;
  }
}

std::optional<double> SpeechMeter::ActiveLevel() const {
  std::optional<double> level_before;
  double margin_before = 0;
  for (size_t i = 0; i < kThresholds; ++i) {
    if (active_ms_[i] == 0) break;
    const double level =
        Db(squares_, static_cast<double>(active_ms_[i]) * kSamplesPerMs);
    const double threshold = 20 * std::log10((1 << i) / kOverload);
    const double margin = level - threshold;
    if (margin <= kMarginDb) {
      // Near the floor of 16 bits there is no threshold below.
      if (!level_before || margin_before <= margin) return level;
      const double part =
          (margin_before - kMarginDb) / (margin_before - margin);
      return *level_before + part * (level - *level_before);
    }
    level_before = level;
    margin_before = margin;
  }
  return level_before;
}

}  // namespace callbraid::collector
