#ifndef CALLBRAID_COLLECTOR_HEARING_ECHO_FINDER_H_
#define CALLBRAID_COLLECTOR_HEARING_ECHO_FINDER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace callbraid::collector {

// Audio of 8 kHz at 2 kHz, without what is above 0.9 kHz and without most of
// what is below 0.1: where the power of speech is. One thread.
class Thinner {
 public:
  static constexpr size_t kFactor = 4;
  // Appends a sample for each four, wherever pieces end.
  void Process(std::span<const int16_t> pcm, std::vector<float>& out);

 private:
  static constexpr size_t kTaps = 32;
  // Twice the same, so that any window of it is in one piece.
  std::array<float, 2 * kTaps> recent_ = {};
  size_t next_ = 0;
  size_t phase_ = 0;
  float before_ = 0;
};

// Looks for one party's voice in what the other one sends, 20 to 500 ms later.
//
// Seconds in which the one talks and the other one is weaker by 3 dB are
// compared at each delay, in steps of half a millisecond. A second came back if
// it is found at one delay (correlation 0.4) and nowhere else as well: tones
// are everywhere. An echo is suspected if three such seconds agree to within
// 2 ms, and they are a third of those that were looked at. One thread.
class EchoFinder {
 public:
  struct Found {
    double delay_ms = 0;
    double return_loss_db = 0;
    double share = 0;
  };

  // The same time of both, at 2 kHz.
  void Listen(std::span<const float> voice, std::span<const float> other);
  std::optional<Found> Result() const;

 private:
  static constexpr size_t kRate = 2000;
  static constexpr size_t kFirstLag = kRate / 50;
  static constexpr size_t kLastLag = kRate / 2;
  static constexpr size_t kLags = kLastLag - kFirstLag;
  // How often a delay was found, and the sum of gains there.
  struct Delay {
    uint32_t seconds = 0;
    double gains = 0;
  };

  void LookAtSecond();
  bool IsWanted();

  std::vector<float> voice_;
  std::vector<float> other_;
  uint64_t eligible_ = 0;
  uint64_t looked_at_ = 0;
  std::array<Delay, kLags> delays_ = {};
};

}  // namespace callbraid::collector

#endif  // CALLBRAID_COLLECTOR_HEARING_ECHO_FINDER_H_
