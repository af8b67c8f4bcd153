#ifndef CALLBRAID_COLLECTOR_HEARING_SPEECH_METER_H_
#define CALLBRAID_COLLECTOR_HEARING_SPEECH_METER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace callbraid::collector {

// Measures what one party says, in audio of 8 kHz: its level by ITU-T P.56,
// method B, how loud each 20 ms are, and where it is clipped. Keeps a byte for
// each 20 ms. One thread.
class SpeechMeter {
 public:
  static constexpr size_t kRate = 8000;
  static constexpr size_t kFrameSamples = kRate / 50;

  SpeechMeter();

  void Listen(std::span<const int16_t> pcm);
  // So many frames without any sound, after a second that had none either: at
  // no cost.
  void Skip(size_t frames) { frames_.insert(frames_.end(), frames, kNothing); }

  // Active speech level in dBov: of the time in which the envelope is within
  // 15.9 dB of it, and of 0.2 s after each such time. Nullopt of silence.
  std::optional<double> ActiveLevel() const;

  // How loud each whole frame of 20 ms is, in steps of half a dB below
  // overload; kNothing without any sound.
  static constexpr uint8_t kNothing = 255;
  static double ToDbov(uint8_t loudness) { return -loudness / 2.0; }
  const std::vector<uint8_t>& frames() const { return frames_; }

  // Three samples or more in a row beyond 32,000, where the top steps of G.711
  // are.
  uint64_t clipped_runs() const { return clipped_runs_; }
  uint64_t clipped_samples() const { return clipped_samples_; }

 private:
  static constexpr size_t kThresholds = 15;
  void LookForClipping(int16_t sample);
  void EndFrame();
  void CompareEnvelope();

  // P.56: what is smoothed once, and twice; time in milliseconds for which
  // each threshold was active, and for how long still.
  double smoothed_ = 0;
  double envelope_ = 0;
  std::array<int64_t, kThresholds> active_ms_ = {};
  std::array<int, kThresholds> hangover_ms_ = {};
  double squares_ = 0;  // Of all samples.

  size_t in_frame_ = 0;
  double frame_squares_ = 0;
  std::vector<uint8_t> frames_;

  int run_ = 0;  // Samples of the run, negative below zero.
  uint64_t clipped_runs_ = 0;
  uint64_t clipped_samples_ = 0;
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_HEARING_SPEECH_METER_H_
